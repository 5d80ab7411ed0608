import type { OwnMethod } from './accuracy-run.js';
import type { RunOptions, RunSettings } from './run-settings.js';

/** What is trained, and for how long. */
export interface Scale extends Pick<RunSettings, 'network' | 'ratios' | 'untrainedRatios'> {
  readonly trainImages: number;
  readonly testImages: number;
  readonly options: Readonly<Record<OwnMethod, RunOptions>>;
  /** Seeds, unless the command line says how many. */
  readonly seeds: number;
}

const COMMON = {
  batchSize: 64,
  learningRate: 0.05,
  maskLearningRate: 0.05,
  momentum: 0.9,
  weightDecay: 5e-4,
  distillationWeight: 0.5,
  minChannels: 2,
  channelMultiple: 1,
  recalibrationBatches: 16,
};

/** All methods train for as many epochs, and both that share weights have the same warm-up. */
function optionsOf(common: typeof COMMON, epochs: number, warmupEpochs: number): Scale['options'] {
  const jointEpochs = epochs - warmupEpochs - 1;
  return {
    'all-in-one': { ...common, warmupEpochs, maskEpochs: 1, jointEpochs },
    'uniform-slimmable': { ...common, warmupEpochs, maskEpochs: 0, jointEpochs: jointEpochs + 1 },
    independent: { ...common, warmupEpochs: 0, maskEpochs: 0, jointEpochs: epochs },
  };
}

/** What the claims are about. */
export const FULL_SCALE: Scale = {
  network: { depth: 8, widthMultiplier: 1 },
  ratios: [0, 0.3, 0.5, 0.7],
  untrainedRatios: [0.15, 0.4, 0.6],
  trainImages: 20_000,
  testImages: 10_000,
  options: optionsOf(COMMON, 15, 1),
  seeds: 5,
};

/** Whether everything runs. */
export const QUICK_SCALE: Scale = {
  network: { depth: 8, widthMultiplier: 0.25 },
  ratios: [0, 0.5],
  untrainedRatios: [0.25],
  trainImages: 256,
  testImages: 200,
  options: optionsOf({ ...COMMON, batchSize: 32, recalibrationBatches: 2 }, 2, 0),
  seeds: 2,
};
