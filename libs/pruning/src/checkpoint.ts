import type { Tensor } from '#graph';
import type { Widths } from '#network';
import type { TrainFamilyProgress } from './training-options.js';

/**
 * Everything that the bits of a training depend on, by field: network, ratios, options, data and executor as pruning
 * knows them, and what the caller adds.
 */
export type Fingerprint = Readonly<Record<string, string>>;

/** What one ratio keeps, once thresholds are solved. */
export interface SolvedRatio {
  readonly ratio: number;
  readonly threshold: number;
  readonly widths: Widths;
}

/**
 * A training between two steps. One that is resumed from it ends in the same bits as one that was never interrupted.
 * Nothing random is in it: initial weights, the order of the images and their augmentation all follow from the seed and
 * the epoch, which fingerprint and position hold; so does the schedule of the learning rates.
 */
export interface TrainingCheckpoint {
  readonly fingerprint: Fingerprint;
  /** The last step that was done; its phase is `warm-up`, `mask`, `joint` or, with all of its ratios done, `recalibrate`. */
  readonly position: TrainFamilyProgress;
  /** Weights, masks, the optimizer's moments and BatchNorm (with statistics once recalibrated), by state name. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** By ratio, from the joint phase on. */
  readonly solutions?: readonly SolvedRatio[];
}

/** A checkpoint belongs to another training: resuming it would give weights that no uninterrupted one has. */
export class CheckpointMismatchError extends Error {
  override readonly name = 'CheckpointMismatchError';
  constructor(
    readonly field: string,
    /** What the checkpoint says; absent where it does not know the field. */
    readonly found: string | undefined,
    /** What the training says. */
    readonly expected: string | undefined,
  ) {
    const said = (value: string | undefined): string => value ?? 'nothing';
    super(
      `the checkpoint belongs to another training: its ${field} is ${said(found)}, this one's is ${said(expected)}`,
    );
  }
}
