import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { defaultEngine, probeEngines } from '#engine';
import { engineNotes, engineTable } from './engines/engine-table.js';

const { json } = new Command('npm run engines --')
  .description(
    'Lists what can run trainings on this machine: each executor with its providers, whether it is available, what it ' +
      'needs where it is not, and which one a job gets that names none. Graphics cards are tried in a child process.',
  )
  .option('--json', 'print the list as JSON')
  .allowExcessArguments(false)
  .showHelpAfterError('(--help lists the options)')
  .parse()
  .opts<{ json?: true }>();

const engines = await probeEngines();
const chosen = defaultEngine(engines);
/** Of a worker that runs one training at a time, as it does unless it is told otherwise. */
const threads = availableParallelism();
if (json) {
  const { executor, provider } = chosen;
  console.log(JSON.stringify({ default: { executor, provider, threads }, engines }, null, 2));
} else {
  console.log(engineTable(engines, chosen));
  for (const note of engineNotes(engines)) console.log(note);
  console.log(
    `A job that names no engine gets ${chosen.executor} on ${chosen.provider}, with ${threads} CPU threads, which a worker ` +
      'shares out among the trainings that it runs at once (WORKER_CONCURRENCY).',
  );
}
