import type { Executor } from '#engine';
import { deriveMember } from './derive-member.js';
import type { Family } from './family.js';
import { thresholdOptions } from './solve-thresholds.js';
import type { TrainingData } from './training-data.js';
import type { TrainFamilyOptions } from './training-options.js';

export interface DeriveMembersOptions {
  readonly data: Pick<TrainingData, 'recalibrationBatches'>;
  readonly executor: Executor;
  /** Those that the family was trained under. */
  readonly options: TrainFamilyOptions;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The family with a member for every one of the ratios too, none of which it has: the smallest subnet first, as thresholds are
 * solved.
 * @param ratios ascending
 * @throws what `deriveMember` throws
 */
export async function deriveMembers(
  trained: Family,
  ratios: readonly number[],
  { data, executor, options, signal }: DeriveMembersOptions,
): Promise<Family> {
  let family = trained;
  for (const ratio of ratios.toReversed()) {
    const member = await deriveMember(family, ratio, {
      ...options,
      constraints: thresholdOptions(options),
      executor,
      signal,
      batches: data.recalibrationBatches(),
    });
    family = { ...family, members: [...family.members, member].sort((a, b) => a.ratio - b.ratio) };
  }
  return family;
}
