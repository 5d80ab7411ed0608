import { z } from 'zod';

/** In the order in which a seed's runs are made: what the claims compare first, the other code last. */
export const ACCURACY_METHODS = ['all-in-one', 'uniform-slimmable', 'independent', 'pytorch-usnet'] as const;
export type AccuracyMethod = (typeof ACCURACY_METHODS)[number];

/** A method whose training is Isochron's own. */
export type OwnMethod = Exclude<AccuracyMethod, 'pytorch-usnet'>;
export const OWN_METHODS = ACCURACY_METHODS.filter(
  (method): method is OwnMethod => method !== 'pytorch-usnet',
);

export interface RatioAccuracy {
  readonly ratio: number;
  /** Top-1 on the test images, 0..1. */
  readonly accuracy: number;
  /** Of the subnet's forward pass over one image. */
  readonly macs: number;
}

/** One finished training, or one for each ratio where the method is `independent`. */
export interface AccuracyRun {
  readonly method: AccuracyMethod;
  readonly seed: number;
  /** Trained ratios, ascending. */
  readonly ratios: readonly (RatioAccuracy & { readonly parameters: number })[];
  /** Ratios that were not trained, only solved and recalibrated afterwards (all-in-one alone). */
  readonly untrained: readonly RatioAccuracy[];
  readonly epochs: number;
  /** Multiply-accumulates of all training steps together. */
  readonly trainingMacs: number;
  readonly seconds: number;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** What a run says while it is under way. */
export interface RunProgress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Of all the run's work, 0..1. */
  readonly fraction: number;
}

const ratioAccuracy = z.object({
  ratio: z.number().min(0).lt(1),
  accuracy: z.number().min(0).max(1),
  macs: z.number().positive(),
});

/** Checks what comes from a file or from another process. */
export const accuracyRun: z.ZodType<AccuracyRun> = z.object({
  method: z.enum(ACCURACY_METHODS),
  seed: z.int(),
  ratios: z.array(ratioAccuracy.extend({ parameters: z.number().positive() })).min(1),
  untrained: z.array(ratioAccuracy),
  epochs: z.int().positive(),
  trainingMacs: z.number().positive(),
  seconds: z.number().nonnegative(),
  startedAt: z.iso.datetime(),
});
