import path from 'node:path';
import {
  configOrExit,
  runUntilShutdown,
  servingCommand,
  wholeNumber,
  type ServingOptions,
} from './command-line.js';
import { DemoFailedError } from './demo/demo-failed-error.js';
import { REAL_PLAN, TINY_PLAN, type DemoPlan } from './demo/demo-plan.js';
import { Demo, writeReport } from './demo/demo.js';
import { resultTable } from './demo/result-tables.js';
import { Timeline } from './demo/timeline.js';
import { seconds, times } from '#pages';
import type { DemoReport } from './report/report.schema.js';
import { startStack, type Stack } from './stack/stack.js';
import { Terminal } from './terminal/terminal.js';

interface Options extends ServingOptions {
  readonly realClocks: boolean;
  readonly keep: boolean;
  readonly keepRunning: boolean;
  readonly tiny: boolean;
  readonly trainImages?: number;
  readonly testImages?: number;
  readonly warmupEpochs?: number;
  readonly maskEpochs?: number;
  readonly jointEpochs?: number;
  readonly seed?: number;
}

const INTERRUPTED = 130;
const config = configOrExit();
const description =
  'The whole of Isochron on this machine: measures a small ResNet at several operating points, calibrates, trains on ' +
  'MNIST, measures again, publishes and reports. Database and artifacts of an earlier demo in the data directory are ' +
  'deleted first, unless --keep is given; a directory with data that no demo made is refused.';
const options = servingCommand('npm run demo --', description, config, path.join(config.dataDir, 'demo'))
  .option('--real-clocks', 'pin the CPU with cpufreq instead of emulating slower clocks', false)
  .option(
    '--keep',
    'delete nothing: go on with the data in the data directory; the model gets another version',
    false,
  )
  .option('--keep-running', 'serve on after the report, until Ctrl-C', false)
  .option('--train-images <number>', 'training images to use', wholeNumber(64, 60_000))
  .option('--test-images <number>', 'test images to use', wholeNumber(1, 10_000))
  .option('--warmup-epochs <number>', 'dense epochs before the mask', wholeNumber(0, 1000))
  .option('--mask-epochs <number>', 'epochs that learn the soft mask', wholeNumber(1, 1000))
  .option('--joint-epochs <number>', 'epochs that train all ratios together', wholeNumber(1, 1000))
  .option('--seed <number>', 'of everything random', wholeNumber(0, 0xffffffff))
  .option('--tiny', 'every part in seconds, with figures that mean nothing', false)
  .parse()
  .opts<Options>();

function planOf(chosen: Options): DemoPlan {
  const plan = chosen.tiny ? TINY_PLAN : REAL_PLAN;
  const { trainImages, testImages, warmupEpochs, maskEpochs, jointEpochs, seed } = chosen;
  const wanted = { trainImages, testImages, warmupEpochs, maskEpochs, jointEpochs, seed };
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
  return { ...plan, training: { ...plan.training, ...Object.fromEntries(given) } };
}

function summary(report: DemoReport): string {
  const { dense, calibrated } = report.stability;
  const clocks = report.emulated
    ? 'Measured on EMULATED clocks: CPU time was taken away from the measured process.'
    : 'Measured on real clocks (cpufreq).';
  return (
    `\n${report.version.model} version ${report.version.version}, one bundle of ${report.version.bundle.bytes} bytes\n` +
    `${resultTable(report)}\n` +
    `Spread of latency over operating points: dense ${times(dense.spread)}, calibrated ${times(calibrated.spread)}. ${clocks}`
  );
}

/** What the environment says, else the admin key of this machine. */
function keyOf({ adminKey }: Stack): string {
  const key = config.apiKey ?? adminKey;
  if (key !== undefined) return key;
  throw new DemoFailedError('no API key: set ISOCHRON_API_KEY, or run "npm run access -- admin-key --keep"');
}

const terminal = new Terminal();
const timeline = new Timeline();

async function work(onFailure: (error: Error) => void): Promise<number | undefined> {
  const { databaseUrl, artifactsUrl, metricsPort } = config;
  timeline.begin('start PostgreSQL, API and worker');
  terminal.say('starting PostgreSQL, API and worker');
  const start = options.keep || databaseUrl !== undefined ? 'keep-demo' : 'fresh-demo';
  const serving = { ...options, worker: true, start } as const;
  const stack = await startStack({ ...serving, databaseUrl, artifactsUrl, metricsPort, onFailure }, terminal);
  terminal.say(`ready ${stack.url} (logs: ${stack.logFolder})`);
  const command = ['npm run demo', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(
    ' ',
  );
  const queue = config.redisUrl === undefined ? 'postgres' : 'redis';
  const { dataDir, realClocks } = options;
  const demo = new Demo(
    { dataDir, plan: planOf(options), realClocks, command, queue, apiKey: keyOf(stack) },
    stack,
    terminal,
    timeline,
  );
  const report = await demo.run().catch((error: Error) => {
    terminal.warn(`\nthe logs of all services are in ${stack.logFolder}`);
    throw error;
  });
  const files = await writeReport(report, dataDir);
  terminal.say(summary(report));
  for (const { step, seconds: took } of timeline.timings)
    terminal.say(`  ${seconds(took).padStart(12)}  ${step}`);
  const total = timeline.timings.reduce((sum, t) => sum + t.seconds, 0);
  terminal.say(
    `  ${seconds(total).padStart(12)}  in all\nreport: ${files.html}\nfigures with every sample: ${files.json}`,
  );
  if (!options.keepRunning) return 0;
  terminal.say(
    `serving on at ${stack.url} (metrics of the worker: ${stack.workerMetricsUrl}); Ctrl-C stops everything`,
  );
  return undefined;
}

await runUntilShutdown(terminal, work, INTERRUPTED);
