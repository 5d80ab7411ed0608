import type { AccuracyMethod, AccuracyRun } from './accuracy-run.js';
import { MAX_SAMPLES } from './sample-statistics.js';

/** How many seeds are asked for, from 1 on. */
export interface SeedCounts {
  /** Of Isochron's own methods. */
  readonly seeds: number;
  readonly peerSeeds: number;
}

/**
 * As many as are asked for, else a scale's; PyTorch has no more than the others unless it is asked to.
 * @throws RangeError for more than there are statistics of
 */
export function seedCounts(scale: SeedCounts, asked: Partial<SeedCounts>): SeedCounts {
  const { seeds = scale.seeds } = asked;
  const { peerSeeds = Math.min(seeds, scale.peerSeeds) } = asked;
  const most = Math.max(seeds, peerSeeds);
  if (most <= MAX_SAMPLES) return { seeds, peerSeeds };
  throw new RangeError(`${most} seeds, expected at most ${MAX_SAMPLES}`);
}

/** The runs of one seed, one for each of several methods. */
export interface SeedRuns {
  readonly seed: number;
  readonly of: (method: AccuracyMethod) => AccuracyRun;
}

/** The seeds that all of the methods finished, ascending. */
export function seedRuns(runs: readonly AccuracyRun[], methods: readonly AccuracyMethod[]): SeedRuns[] {
  const find = (method: AccuracyMethod, seed: number) =>
    runs.find((run) => run.method === method && run.seed === seed);
  const seeds = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b);
  return seeds
    .filter((seed) => methods.every((method) => find(method, seed)))
    .map((seed) => ({ seed, of: (method) => find(method, seed)! }));
}

/** Accuracy at a trained ratio in percent. @throws RangeError when the run did not train it */
export function pointsAt({ method, seed, ratios }: AccuracyRun, ratio: number): number {
  const trained = ratios.find((each) => each.ratio === ratio);
  if (!trained) throw new RangeError(`${method} seed ${seed} did not train ratio ${ratio}`);
  return 100 * trained.accuracy;
}

/** Accuracy at a ratio that was only solved and recalibrated, in percent. @throws RangeError when the run has no such one */
export function untrainedPointsAt({ method, seed, untrained }: AccuracyRun, ratio: number): number {
  const found = untrained.find((each) => each.ratio === ratio);
  if (!found) throw new RangeError(`${method} seed ${seed} has no untrained ratio ${ratio}`);
  return 100 * found.accuracy;
}
