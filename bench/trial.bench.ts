import { Option } from 'commander';
import { accuracyRows } from './accuracy/accuracy-rows.js';
import { OWN_METHODS, type AccuracyRun, type RunProgress } from './accuracy/accuracy-run.js';
import { performRun } from './accuracy/perform-run.js';
import { runContext } from './accuracy/run-context.js';
import { FULL_SCALE } from './accuracy/scale.js';
import type { BenchOptions, BenchResult, Benchmark } from './benchmark.js';
import { positiveInteger } from './positive-integer.js';
import { jsonObject, ratioList } from './trial/trial-arguments.js';
import { trialSettings, type TrialChanges } from './trial/trial-settings.js';

/** Not one of those that `accuracy` reports. */
const FIRST_SEED = 101;

interface TrialOptions extends Omit<TrialChanges, 'quick'> {
  readonly seed?: number[];
}

async function run(
  say: (text: string) => void,
  { seed: seeds = [FIRST_SEED], ...changes }: BenchOptions & TrialOptions,
): Promise<BenchResult> {
  const context = await runContext(changes.quick);
  const settings = trialSettings(context, changes);
  const { method } = changes;
  const runs: AccuracyRun[] = [];
  for (const seed of seeds) {
    const order = { method, seed, settings, files: context.files };
    runs.push(await performRun(order, epochTeller(`${method}, seed ${seed}`, say)));
  }
  return { rows: accuracyRows(runs), settings: { ...settings } };
}

/** Says every epoch once. */
function epochTeller(name: string, say: (text: string) => void): (progress: RunProgress) => void {
  let told = 0;
  return ({ epoch, epochs }) => {
    if (epoch <= told) return;
    told = epoch;
    say(`${name}: epoch ${epoch} of ${epochs}`);
  };
}

export const trial: Benchmark<TrialOptions> = {
  summary: 'accuracy of one method under other options, on training images held out for choosing them',
  addOptions: (command) =>
    void command
      .addOption(new Option('--method <name>', 'what is trained').choices(OWN_METHODS).default('all-in-one'))
      .option('--set <json>', 'training options that differ from those of `accuracy`', jsonObject)
      .option(
        '--seed <number>',
        `seed of a training; again for another (default: ${FIRST_SEED})`,
        (text: string, before: number[] = []) => [...before, positiveInteger(text)],
      )
      .option('--train-images <count>', 'use only the first of them', positiveInteger)
      .option('--ratios <list>', `ascending (default: ${FULL_SCALE.ratios.join(',')})`, ratioList),
  run,
};
