import type { z } from 'zod';
import type { MeasuringProtocol, NetworkSpec, TrainingOptions } from '#contracts';

/** How much the demo measures and trains. */
export interface DemoPlan {
  readonly network: z.input<typeof NetworkSpec>;
  /** Ratios of the proxy networks that are measured before training. */
  readonly profileRatios: readonly number[];
  /**
   * Of measuring and training alike. onnxruntime's kernels work on blocks of channels: on the machine where the demo was
   * made, ResNet-8 with 14 of 16 channels took 1.6 times as long as the whole one, and with 12 of 16 less.
   */
  readonly channelMultiple: number;
  readonly protocol: z.input<typeof MeasuringProtocol>;
  readonly tolerance: number;
  readonly training: z.input<typeof TrainingOptions>;
}

/** What fits into a few minutes on two cores and still shows real accuracy. */
export const REAL_PLAN: DemoPlan = {
  network: { family: 'resnet', depth: 8 },
  profileRatios: [0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.85],
  channelMultiple: 4,
  protocol: {
    ...{ batch: 64, threads: 1, warmupSamples: 2, samples: 12, minSampleMs: 60 },
    // A demonstration does not wait for a machine that others use too.
    ...{ maxSamples: 18, coolDownSeconds: 2, driftLimit: 0.15 },
  },
  tolerance: 0.05,
  training: {
    warmupEpochs: 1,
    maskEpochs: 1,
    jointEpochs: 2,
    batchSize: 64,
    trainImages: 6_000,
    testImages: 2_000,
    recalibrationBatches: 16,
    seed: 1,
  },
};

/** Every part of the job in seconds; its figures mean nothing. For tests. */
export const TINY_PLAN: DemoPlan = {
  network: { family: 'resnet', depth: 8, widthMultiplier: 0.25 },
  profileRatios: [0, 0.3, 0.6],
  channelMultiple: 1,
  protocol: {
    ...{ batch: 16, threads: 1, warmupSamples: 1, samples: 3, minSampleMs: 5 },
    ...{ maxSamples: 3, referenceEveryCells: 0, coolDownSeconds: 0 },
  },
  tolerance: 0.05,
  training: {
    warmupEpochs: 1,
    maskEpochs: 1,
    jointEpochs: 1,
    batchSize: 32,
    trainImages: 512,
    testImages: 200,
    recalibrationBatches: 4,
    seed: 1,
  },
};
