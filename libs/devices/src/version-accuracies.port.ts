import type { Actor, RatioAccuracy, VersionReference } from '#contracts';

/** Accuracies of a version's ratios, ascending by ratio; undefined when the team has no such version. */
export type VersionAccuracies = (
  actor: Actor,
  version: VersionReference,
) => Promise<RatioAccuracy[] | undefined>;
