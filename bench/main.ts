import { Command } from 'commander';
import type { BenchOptions, Benchmark } from './benchmark.js';
import { accuracy } from './accuracy.bench.js';
import { calibration } from './calibration.bench.js';
import { dataPath } from './data-path.bench.js';
import { engine } from './engine.bench.js';
import { gpu } from './gpu.bench.js';
import { latencyTables } from './latency-tables.bench.js';
import { positiveInteger } from './positive-integer.js';
import { registry } from './registry.bench.js';
import { runBenchmark, type BenchmarkRun } from './run-benchmark.js';
import { service } from './service.bench.js';
import { trial } from './trial.bench.js';
import { trainingStep } from './training-step.bench.js';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  accuracy,
  calibration,
  'data-path': dataPath,
  engine,
  gpu,
  'latency-tables': latencyTables,
  registry,
  service,
  'training-step': trainingStep,
  trial,
};
const DEFAULT_ROUNDS = 7;
/** The Python that Debian's python3-torch belongs to. */
const DEFAULT_PEER_PYTHON = '/usr/bin/python3';

interface Options extends Pick<BenchOptions, 'rounds' | 'quick'> {
  readonly json?: string;
  readonly peerPython?: string[];
}

const program = new Command('npm run bench --')
  .description('Runs a benchmark and prints its figures; `NAME --help` lists its options.')
  .showHelpAfterError();
for (const [name, benchmark] of Object.entries(BENCHMARKS)) program.addCommand(commandOf(name, benchmark));

// Children are stopped most of the time, or busy: they would stay behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

await program.parseAsync();

function commandOf(name: string, benchmark: Benchmark): Command {
  const command = new Command(name)
    .description(benchmark.summary)
    .option('--json <file>', 'write the figures with their raw samples to this file')
    .option('--rounds <count>', 'how often the contestants take turns', positiveInteger, DEFAULT_ROUNDS)
    .option('--quick', 'tiny work: whether everything runs and agrees; its figures mean nothing', false)
    .option(
      '--peer-python <path>',
      `a Python with PyTorch to compare with; again for another (default: ${DEFAULT_PEER_PYTHON})`,
      (file: string, before: string[] = []) => [...before, file],
    )
    .showHelpAfterError();
  benchmark.addOptions?.(command);
  return command.action(async ({ json, peerPython = [DEFAULT_PEER_PYTHON], ...options }: Options) => {
    const run: BenchmarkRun = {
      ...{ name, benchmark, json, options: { ...options, peerPythons: peerPython } },
      command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    };
    process.exitCode = await runBenchmark(run, { print: console.log, say: console.error });
  });
}
