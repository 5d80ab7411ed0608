import type { OptimizerOptions } from './optimizer-options.js';
import type { MaskInitialisation } from './mask.js';
import type { WidthConstraints } from './width-constraints.js';

/**
 * How the widths of the subnets are found: by a soft mask that is learned, or the same share of every group. Each trains one
 * weight set for all ratios.
 */
export type FamilyMethod = 'all-in-one' | 'uniform-slimmable';

/** How a family is trained; docs/method.md gives the service's defaults and their reasons. */
export interface TrainFamilyOptions extends WidthConstraints, OptimizerOptions {
  /** Default `all-in-one`. */
  readonly method?: FamilyMethod | undefined;
  /** Phase 0: dense epochs, after which the mask is initialised. */
  readonly warmupEpochs: number;
  /** Phase 1: epochs that learn weights and mask together. */
  readonly maskEpochs: number;
  /** Phase 3: epochs that train all subnets together. */
  readonly jointEpochs: number;
  readonly batchSize: number;
  /** Peak of the weights' schedule. */
  readonly learningRate: number;
  /** Epochs that the learning rates take to rise to their peaks, in fractions too; default: 50 steps, or a tenth of a shorter run. */
  readonly learningRateWarmupEpochs?: number | undefined;
  /** Peak of the mask's schedule. */
  readonly maskLearningRate: number;
  /** What the mask begins with; default `rank`. */
  readonly maskInitialisation?: MaskInitialisation | undefined;
  /**
   * Which subnets the mask phase trains: the largest alone (default), where the mask learns what the removal of a channel
   * would cost without removing any, or those of all ratios in turn.
   */
  readonly maskedRatios?: 'all' | 'largest' | undefined;
  /** Share of a label's target that is spread evenly over all classes, within [0, 1); default 0. */
  readonly labelSmoothing?: number | undefined;
  /** Share of the smaller subnets' loss that comes from the largest one's outputs, 0..1. */
  readonly distillationWeight: number;
  /** Divides the logits of teacher and student before their distributions are compared, above 0; default 1. */
  readonly distillationTemperature?: number | undefined;
  /** Whether every ratio trains BatchNorm scales and shifts of its own; default `private`. Statistics always are its own. */
  readonly batchNormAffine?: 'private' | 'shared' | undefined;
  /** How much a channel's MACs count against it when groups are compared; default 0. See `solveThresholds`. */
  readonly costExponent?: number | undefined;
  /** At most this many batches give BatchNorm's statistics of a ratio. */
  readonly recalibrationBatches: number;
  /** Everything random comes from it. */
  readonly seed: number;
}

export type TrainingPhase = 'warm-up' | 'mask' | 'joint' | 'recalibrate' | 'evaluate';

export interface TrainFamilyProgress {
  readonly phase: TrainingPhase;
  /** From 1, within the phase. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done within the phase; of `recalibrate` and `evaluate`, ratios done. */
  readonly step: number;
  readonly steps: number;
  /** Mean over the ratios trained in the step; absent where nothing is trained. */
  readonly loss?: number;
  /** Of all work, 0..1, by multiply-accumulates. */
  readonly fraction: number;
}
