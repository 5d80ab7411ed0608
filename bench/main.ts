import os from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { describeMachine, writeFileAtomic } from '#runtime';
import type { BenchFile, BenchRow, Benchmark } from './benchmark.js';
import { trainingStep } from './training-step.bench.js';
import { describeVersions } from './versions.js';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  'training-step': trainingStep,
};

const list = Object.entries(BENCHMARKS)
  .map(([name, { summary }]) => `  ${name.padEnd(16)} ${summary}`)
  .join('\n');

const program: Command = new Command('npm run bench --')
  .description('Runs a benchmark and prints its figures.')
  .argument('<name>', 'which benchmark')
  .option('--json <file>', 'write the figures with their raw samples to this file')
  .addHelpText('after', `\nBenchmarks:\n${list}`)
  .showHelpAfterError()
  .parse();

const [name] = program.args as [string];
const { json } = program.opts<{ json?: string }>();
const benchmark = BENCHMARKS[name];
if (!benchmark)
  program.error(`there is no benchmark "${name}", expected one of ${Object.keys(BENCHMARKS).join(', ')}`);

// The load before the run tells whether something else kept the machine busy.
const machine = { ...describeMachine(), loadAverage: os.loadavg() };
const rows = await benchmark.run((text) => console.error(text));
console.log(tableOf(rows));
if (json !== undefined) {
  const command = ['npm run bench --', ...process.argv.slice(2)].join(' ');
  const file: BenchFile = { bench: name, command, machine, versions: describeVersions(), rows };
  await writeFileAtomic(path.resolve(json), `${JSON.stringify(file, null, 2)}\n`);
  console.log(`written to ${json}`);
}

function tableOf(figures: readonly BenchRow[]): string {
  const table = new Table({ head: ['name', 'value', 'unit'], style: { head: [], border: [] } });
  for (const row of figures) table.push([row.name, row.value.toPrecision(4), row.unit]);
  return table.toString();
}
