import type { AccuracyMethod, AccuracyRun } from './accuracy-run.js';

/** A made-up run of ratios 0 and 0.5; accuracies in points. */
export function madeUpRun(
  method: AccuracyMethod,
  seed: number,
  points: readonly [number, number],
  changes: Partial<AccuracyRun> = {},
): AccuracyRun {
  return {
    ...{ method, seed, epochs: 2, trainingMacs: 1e9, seconds: 10, startedAt: '2026-01-02T03:04:05.000Z' },
    ratios: points.map((point, i) => ({
      ratio: i / 2,
      accuracy: point / 100,
      macs: 1000 / (i + 1),
      parameters: 100 / (i + 1),
    })),
    untrained: [],
    ...changes,
  };
}
