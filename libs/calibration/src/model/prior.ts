/**
 * Standard deviations, before anything is measured, of what log latency is a sum of. Chosen on simulated devices of another
 * seed than those of the benchmark (docs/calibration.md). A table that fits them badly is given larger ones
 * (`latency-model.ts`).
 */
export const PRIOR = {
  level: 3,
  /** Power of each clock, over all points. */
  clockPower: 1.5,
  /** Of a point's dense network from what its clocks suggest. */
  pointLevel: 0.15,
  /** Power of the share of MACs that are left, over all points. */
  sharePower: 1,
  /** How that power changes with the clocks: what does not follow a clock weighs more at a fast one. */
  sharePowerByClock: 0.5,
  /** Steps over the ratio that all points have in common. */
  steps: 0.1,
  /** What clocks and ratio do together beside the powers. */
  together: 0.1,
  /** What one point alone does over the ratio. */
  ownShape: 0.02,
  /** What one cell alone does. */
  cell: 0.004,
  /** Trained against proxy widths: the same at all points. */
  learned: 0.06,
  /** The same at one point alone. */
  learnedOwn: 0.01,
} as const;

/** Distances over which each changes. */
export const LENGTH = { stepRatio: 0.3, bendRatio: 0.5, logClock: 0.7 } as const;
