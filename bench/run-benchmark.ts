import os from 'node:os';
import path from 'node:path';
import { describeMachine, writeFileAtomic } from '#runtime';
import type { BenchFile, BenchOptions, BenchResult, Benchmark } from './benchmark.js';
import { terminalTable } from './terminal-table.js';
import { describeVersions } from './versions.js';

/** What is run, and where its figures go. */
export interface BenchmarkRun {
  readonly name: string;
  readonly benchmark: Benchmark;
  /** Those of the benchmark's own are among them. */
  readonly options: BenchOptions;
  /** How it was asked for, for the file. */
  readonly command: string;
  /** The file that is written. */
  readonly json?: string | undefined;
}

/** Where text goes: figures to `print`, what happens on the way to `say`. */
export interface BenchOutput {
  readonly print: (text: string) => void;
  readonly say: (text: string) => void;
}

/**
 * Runs a benchmark, prints its figures and writes them to its file.
 * @returns the process's exit code: 1 where a part of the benchmark failed, whose figures are missing
 * @throws what the benchmark throws
 */
export async function runBenchmark(run: BenchmarkRun, { print, say }: BenchOutput): Promise<0 | 1> {
  // The load before the run tells whether something else kept the machine busy.
  const machine = { ...describeMachine(), loadAverage: os.loadavg() };
  const result = await run.benchmark.run(say, run.options);
  print(terminalTable(result.rows));
  if (run.json !== undefined) {
    await writeFileAtomic(
      path.resolve(run.json),
      `${JSON.stringify(fileOf(run, machine, result), null, 2)}\n`,
    );
    print(`written to ${run.json}`);
  }
  const failed = result.failed?.length ?? 0;
  if (failed === 0) return 0;
  say(`${failed} ${failed === 1 ? 'run' : 'runs'} failed: the figures are made from the others`);
  return 1;
}

function fileOf(
  { name, command }: BenchmarkRun,
  machine: BenchFile['machine'],
  { rows, versions, settings, failed }: BenchResult,
): BenchFile {
  return {
    ...{ bench: name, command, machine, versions: { ...describeVersions(), ...versions } },
    ...(settings && { settings }),
    ...(failed && { failed }),
    rows,
  };
}
