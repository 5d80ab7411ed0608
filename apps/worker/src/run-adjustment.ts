import { writeFile } from 'node:fs/promises';
import { writeBundle } from '#bundle';
import { AppError, type RatioResult } from '#contracts';
import type { ThreadedTrainingData } from '#datasets';
import type { Executor } from '#engine';
import { deriveMembers, subnetOf, topOneAccuracy } from '#pruning';
import { familyIn } from './family-in.js';
import { bundleMetadata } from './bundle-metadata.js';
import { ratioResult } from './ratio-result.js';
import type { TrainingOrder, TrainingResult } from './training-messages.js';
import { rethrowUserFault } from './user-fault.js';

/**
 * Derives ratios of a family that was trained before and writes a bundle that has them too; nothing is trained.
 * @returns the result of the training with the new ratios in it, and without those that are dropped
 * @throws AppError artifact_corrupt, ratio_unreachable or internal
 */
export async function runAdjustment(
  data: ThreadedTrainingData,
  executor: Executor,
  order: TrainingOrder,
): Promise<TrainingResult> {
  const { adjustment, training, bundleFile } = order;
  if (adjustment === undefined) throw new AppError('internal', 'the order names nothing to adjust');
  const { result, ratios, dropped } = adjustment;
  const isKept = ({ ratio }: { ratio: number }) => !dropped.includes(ratio);
  const before = await familyIn(adjustment.bundle);
  const kept = { ...before, members: before.members.filter(isKept) };
  const options = { data, executor, options: training };
  const family = await deriveMembers(kept, ratios, options).catch(rethrowUserFault);
  const derived: RatioResult[] = [];
  for (const member of family.members.filter(({ ratio }) => ratios.includes(ratio))) {
    const batches = data.testBatches();
    derived.push(
      ratioResult(member, await topOneAccuracy(subnetOf(family, member.ratio), { executor, batches })),
    );
  }
  const all = [...result.ratios.filter(isKept), ...derived].sort((a, b) => a.ratio - b.ratio);
  const adjusted: TrainingResult = { ...result, ratios: all };
  await writeFile(bundleFile, writeBundle(family, bundleMetadata(order, adjusted)));
  return adjusted;
}
