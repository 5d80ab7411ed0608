import { join } from 'node:path';
import { discoverPoints } from '#edge';
import { createLogger, installShutdown, onShutdown, readConfig, shutdown } from '#runtime';
import { parseCommandLine, type CommandLine } from './command-line.js';
import { enrol } from './enrolment/enrol.js';
import { runInfer } from './infer/run-infer.js';
import { describePoints } from './points/describe-points.js';
import { runPull } from './pull/run-pull.js';
import { run } from './run.js';
import { PROCESS_STREAMS } from './streams.js';

const config = readConfig();
const chosen = parseCommandLine(process.argv, {
  dataDir: join(config.dataDir, 'agent'),
  apiKey: config.apiKey,
});
const logger = createLogger('agent', config.logLevel);
installShutdown({ logger });
await shutdown(await perform(chosen), logger);

/** @returns the exit code */
async function perform(line: CommandLine): Promise<number> {
  if (line.command === 'run') return run(line.options, logger);
  const stopping = new AbortController();
  try {
    const work = performOnce(line, stopping.signal);
    onShutdown(async () => {
      stopping.abort(new Error('the process is asked to stop'));
      await work.catch(() => undefined); // told below
    });
    await work;
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    process.stderr.write(
      `isochron-agent ${line.command}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  }
}

async function performOnce(
  line: Exclude<CommandLine, { command: 'run' }>,
  signal: AbortSignal,
): Promise<void> {
  const { out } = PROCESS_STREAMS;
  switch (line.command) {
    case 'enrol':
      return out(await enrol(line.options, signal));
    case 'points':
      return out(points(line.options));
    case 'pull':
      return runPull(line.options, PROCESS_STREAMS, signal);
    case 'infer':
      return runInfer(line.options, PROCESS_STREAMS, signal);
  }
}

function points({
  sysfs,
  clocks,
  maxPoints,
  json,
}: Extract<CommandLine, { command: 'points' }>['options']): string {
  const found = discoverPoints(sysfs, { axes: clocks, maxPoints });
  return json ? `${JSON.stringify(found, null, 2)}\n` : describePoints(found);
}
