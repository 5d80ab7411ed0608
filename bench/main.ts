import os from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { describeMachine, writeFileAtomic } from '#runtime';
import type { BenchFile, BenchOptions, Benchmark } from './benchmark.js';
import { dataPath } from './data-path.bench.js';
import { engine } from './engine.bench.js';
import { terminalTable } from './terminal-table.js';
import { trainingStep } from './training-step.bench.js';
import { describeVersions } from './versions.js';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  'data-path': dataPath,
  engine,
  'training-step': trainingStep,
};
const DEFAULT_ROUNDS = 7;
/** The Python that Debian's python3-torch belongs to. */
const DEFAULT_PEER_PYTHON = '/usr/bin/python3';

interface Options extends Pick<BenchOptions, 'rounds' | 'quick'> {
  readonly json?: string;
  readonly peerPython?: string[];
}

const list = Object.entries(BENCHMARKS)
  .map(([name, { summary }]) => `  ${name.padEnd(16)} ${summary}`)
  .join('\n');

const program: Command = new Command('npm run bench --')
  .description('Runs a benchmark and prints its figures.')
  .argument('<name>', 'which benchmark')
  .option('--json <file>', 'write the figures with their raw samples to this file')
  .option('--rounds <count>', 'how often the contestants take turns', positiveInteger, DEFAULT_ROUNDS)
  .option('--quick', 'tiny work: whether everything runs and agrees; its times mean nothing', false)
  .option(
    '--peer-python <path>',
    `a Python with PyTorch to race against; again for another (default: ${DEFAULT_PEER_PYTHON})`,
    (file: string, before: string[] = []) => [...before, file],
  )
  .addHelpText('after', `\nBenchmarks:\n${list}`)
  .showHelpAfterError()
  .parse();

const [name] = program.args as [string];
const { json, peerPython, rounds, quick } = program.opts<Options>();
const benchmark = BENCHMARKS[name];
if (!benchmark)
  program.error(`there is no benchmark "${name}", expected one of ${Object.keys(BENCHMARKS).join(', ')}`);

// Contestants are stopped most of the time: they would stay behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

// The load before the run tells whether something else kept the machine busy.
const machine = { ...describeMachine(), loadAverage: os.loadavg() };
const { rows, versions } = await benchmark.run((text) => console.error(text), {
  rounds,
  quick,
  peerPythons: peerPython ?? [DEFAULT_PEER_PYTHON],
});
console.log(terminalTable(rows));
if (json !== undefined) {
  const command = ['npm run bench --', ...process.argv.slice(2)].join(' ');
  const file: BenchFile = {
    bench: name,
    command,
    machine,
    versions: { ...describeVersions(), ...versions },
    rows,
  };
  await writeFileAtomic(path.resolve(json), `${JSON.stringify(file, null, 2)}\n`);
  console.log(`written to ${json}`);
}

function positiveInteger(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a positive integer');
}
