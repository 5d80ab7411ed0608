import type { AccuracyMethod, AccuracyRun } from './accuracy-run.js';

/** How many seeds are asked for, from 1 on. */
export interface SeedCounts {
  /** Of Isochron's own methods. */
  readonly seeds: number;
  readonly peerSeeds: number;
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

export const commonSeeds = (of: readonly SeedRuns[]): number[] => of.map(({ seed }) => seed);

/** Accuracy at a trained ratio in percent. @throws RangeError when the run did not train it */
export function pointsAt({ method, seed, ratios }: AccuracyRun, ratio: number): number {
  const trained = ratios.find((each) => each.ratio === ratio);
  if (!trained) throw new RangeError(`${method} seed ${seed} did not train ratio ${ratio}`);
  return 100 * trained.accuracy;
}
