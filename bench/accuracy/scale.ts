import type { OwnMethod } from './accuracy-run.js';
import type { RunOptions, RunSettings } from './run-settings.js';

/** What is trained, and for how long. */
export interface Scale extends Pick<RunSettings, 'network' | 'ratios' | 'untrainedRatios'> {
  readonly trainImages: number;
  readonly testImages: number;
  readonly options: Readonly<Record<OwnMethod, RunOptions>>;
  /** Seeds, unless the command line says how many. */
  readonly seeds: number;
  /** Those of PyTorch: the first of them, unless the command line says how many. */
  readonly peerSeeds: number;
}

/** Chosen by `trial` on images held out of training (docs/method.md), as are those of the mask. */
const COMMON = {
  batchSize: 64,
  learningRate: 0.2,
  maskLearningRate: 0.3,
  momentum: 0.9,
  weightDecay: 5e-4,
  labelSmoothing: 0.1,
  distillationWeight: 0.5,
  minChannels: 2,
  channelMultiple: 1,
  recalibrationBatches: 16,
};

/** Of the mask: the other methods have none. */
const MASK = { maskInitialisation: 'rank', maskedRatios: 'largest', costExponent: 0.3 } as const;

/**
 * All methods train for as many epochs, and both that share weights for as many joint ones: one trains its largest network
 * alone for the first epoch, with the mask beside it, the other one does so without a mask.
 */
function optionsOf(common: typeof COMMON, epochs: number): Scale['options'] {
  const joint = { warmupEpochs: 0, maskEpochs: 0, jointEpochs: epochs - 1 };
  return {
    'all-in-one': { ...common, ...MASK, ...joint, maskEpochs: 1 },
    'uniform-slimmable': { ...common, ...joint, warmupEpochs: 1 },
    independent: { ...common, ...joint, jointEpochs: epochs },
  };
}

/** What the claims are about. */
export const FULL_SCALE: Scale = {
  network: { depth: 8, widthMultiplier: 1 },
  ratios: [0, 0.3, 0.5, 0.7],
  untrainedRatios: [0.15, 0.4, 0.6],
  trainImages: 20_000,
  testImages: 10_000,
  options: optionsOf(COMMON, 15),
  seeds: 5,
  peerSeeds: 2,
};

/** Whether everything runs. */
export const QUICK_SCALE: Scale = {
  network: { depth: 8, widthMultiplier: 0.25 },
  ratios: [0, 0.5],
  untrainedRatios: [0.25],
  trainImages: 256,
  testImages: 200,
  options: optionsOf({ ...COMMON, batchSize: 32, recalibrationBatches: 2 }, 2),
  seeds: 2,
  peerSeeds: 2,
};
