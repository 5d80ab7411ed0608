import type { EdgeOperatingPoint, EdgeProtocol } from '#edge';
import { VERIFICATION_ROUNDS } from '#jobs';
import type { TrainFamilyOptions } from '#pruning';

/** What is trained and measured under emulated clocks. */
export interface EmulatedScale {
  readonly network: { readonly depth: number; readonly widthMultiplier: number };
  /** Ratios of the proxies that may be measured before training. */
  readonly ratios: readonly number[];
  readonly points: readonly EdgeOperatingPoint[];
  readonly trainImages: number;
  readonly testImages: number;
  readonly options: TrainFamilyOptions;
  /** Of proxies. */
  readonly protocol: EdgeProtocol;
  /** Of trained networks: while ratios are still chosen, and of the figures. */
  readonly finalProtocol: EdgeProtocol;
  /** How often every cell of a trained network is measured, each time in a process of its own. */
  readonly processesPerCell: number;
  readonly maxRounds: number;
}

/** Speeds evenly spaced from all of the CPU down to a third of it. */
function pointsDownToAThird(count: number): EdgeOperatingPoint[] {
  return Array.from({ length: count }, (_, i) => {
    const emulatedCpuShare = 1 - ((2 / 3) * i) / (count - 1);
    return { name: `${Math.round(emulatedCpuShare * 100)} % of the CPU`, emulatedCpuShare };
  });
}

const TRAINING = {
  warmupEpochs: 1,
  maskEpochs: 1,
  jointEpochs: 1,
  batchSize: 64,
  learningRate: 0.1,
  maskLearningRate: 0.3,
  momentum: 0.9,
  weightDecay: 5e-4,
  labelSmoothing: 0.1,
  distillationWeight: 0.5,
  costExponent: 0.3,
  minChannels: 2,
  channelMultiple: 16,
  recalibrationBatches: 16,
  seed: 1,
} satisfies TrainFamilyOptions;

/** A sample is one run: of so many images that it lasts several periods of the quota at full speed. */
const PROTOCOL: EdgeProtocol = {
  ...{ batch: 64, threads: 1, warmupSamples: 3, samples: 15, minSampleMs: 0 },
  ...{ relativeInterval: 0.015, maxSamples: 60, cellSeconds: 20 },
  ...{ referenceEveryCells: 0, referenceEveryMinutes: 0, driftLimit: 0.1, coolDownSeconds: 0 },
};

/**
 * Wide layers, cut in steps of 16 channels: with AVX-512 onnxruntime's convolutions work on blocks of so many, and what is
 * left of narrower layers takes as long as its activations need to come from memory, at any ratio.
 */
export const FULL_SCALE: EmulatedScale = {
  network: { depth: 8, widthMultiplier: 4 },
  ratios: [0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8],
  points: pointsDownToAThird(6),
  trainImages: 3_000,
  testImages: 2_000,
  options: TRAINING,
  protocol: PROTOCOL,
  finalProtocol: { ...PROTOCOL, maxSamples: 15 },
  processesPerCell: 5,
  maxRounds: VERIFICATION_ROUNDS,
};

/** Whether everything runs; its figures mean nothing. */
export const QUICK_SCALE: EmulatedScale = {
  network: { depth: 8, widthMultiplier: 0.25 },
  ratios: [0, 0.5],
  points: pointsDownToAThird(2),
  trainImages: 128,
  testImages: 100,
  options: { ...TRAINING, channelMultiple: 1, recalibrationBatches: 2 },
  protocol: { ...PROTOCOL, batch: 16, warmupSamples: 1, samples: 6, maxSamples: 6 },
  finalProtocol: { ...PROTOCOL, batch: 16, warmupSamples: 1, samples: 6, maxSamples: 6 },
  processesPerCell: 1,
  maxRounds: 1,
};
