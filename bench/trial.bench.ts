import { InvalidArgumentError, Option } from 'commander';
import { accuracyRows } from './accuracy/accuracy-rows.js';
import { OWN_METHODS, type AccuracyRun, type OwnMethod } from './accuracy/accuracy-run.js';
import { performRun } from './accuracy/perform-run.js';
import { runContext, settingsOf } from './accuracy/run-context.js';
import type { OwnRunSettings, RunOptions } from './accuracy/run-settings.js';
import { FULL_SCALE } from './accuracy/scale.js';
import type { BenchOptions, BenchResult, Benchmark } from './benchmark.js';
import { positiveInteger } from './positive-integer.js';

/** Training images that no training of this benchmark or of `accuracy` sees. */
const HELD_OUT_FROM = FULL_SCALE.trainImages;
const HELD_OUT = 10_000;
/** Not one of those that `accuracy` reports. */
const FIRST_SEED = 101;

interface TrialOptions {
  readonly method: OwnMethod;
  readonly set?: Partial<RunOptions>;
  readonly seed?: number[];
  readonly trainImages?: number;
  readonly ratios?: number[];
}

async function run(
  say: (text: string) => void,
  { method, set = {}, seed: seeds = [FIRST_SEED], quick, ...options }: BenchOptions & TrialOptions,
): Promise<BenchResult> {
  const context = await runContext(quick);
  const { files, scale } = context;
  const { trainImages = scale.trainImages, ratios = scale.ratios } = options;
  const untrainedRatios = scale.untrainedRatios.filter((ratio) => ratio < ratios.at(-1)!);
  const own = settingsOf({ ...context, scale: { ...scale, trainImages, ratios, untrainedRatios } }, method);
  const settings: OwnRunSettings = {
    ...own,
    dataset: { ...own.dataset, heldOutFrom: HELD_OUT_FROM, testImages: quick ? scale.testImages : HELD_OUT },
    options: { ...own.options, ...set },
  };
  const runs: AccuracyRun[] = [];
  for (const seed of seeds) {
    let told = 0;
    const onProgress = ({ epoch, epochs }: { epoch: number; epochs: number }) => {
      if (epoch > told) say(`${method}, seed ${seed}: epoch ${(told = epoch)} of ${epochs}`);
    };
    runs.push(await performRun({ method, seed, settings, files }, onProgress));
  }
  return { rows: accuracyRows(runs), settings: { ...settings } };
}

function options(text: string): Partial<RunOptions> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // said below
  }
  throw new InvalidArgumentError('expected a JSON object of training options, as {"learningRate":0.05}');
}

function ratioList(text: string): number[] {
  const ratios = text.split(',').map(Number);
  if (ratios.every((ratio) => ratio >= 0 && ratio < 1)) return ratios;
  throw new InvalidArgumentError('expected numbers in [0, 1) between commas, as 0,0.5');
}

export const trial: Benchmark<TrialOptions> = {
  summary: 'accuracy of one method under other options, on training images held out for choosing them',
  addOptions: (command) =>
    void command
      .addOption(new Option('--method <name>', 'what is trained').choices(OWN_METHODS).default('all-in-one'))
      .option('--set <json>', 'training options that differ from those of `accuracy`', options)
      .option(
        '--seed <number>',
        `seed of a training; again for another (default: ${FIRST_SEED})`,
        (text: string, before: number[] = []) => [...before, positiveInteger(text)],
      )
      .option('--train-images <count>', 'use only the first of them', positiveInteger)
      .option('--ratios <list>', `ascending (default: ${FULL_SCALE.ratios.join(',')})`, ratioList),
  run,
};
