import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { writeAddendum, type Bundle } from '#bundle';
import { AppError, TrainingOptions, type JobProgress, type RatioResult } from '#contracts';
import type { ThreadedTrainingData } from '#datasets';
import type { Executor } from '#engine';
import { deriveMembers, subnetOf, topOneAccuracy, type Family } from '#pruning';
import { cpuClass, isochronVersion } from '#runtime';
import { bundleIn } from './family-in.js';
import { bundleMetadata } from './bundle-metadata.js';
import { ratioResult } from './ratio-result.js';
import type { TrainingOrder, TrainingResult } from './training-messages.js';
import { rethrowUserFault } from './user-fault.js';

/**
 * Derives ratios of a published bundle, without training, and writes the addendum that brings them.
 * @returns what the addendum has: the new ratios alone
 * @throws AppError already_exists where the bundle, or an addendum, has a ratio by now; artifact_corrupt or ratio_unreachable
 */
export async function runDerivation(
  data: ThreadedTrainingData,
  executor: Executor,
  order: TrainingOrder,
  onProgress: (progress: JobProgress) => void,
): Promise<TrainingResult> {
  const { derivation } = order;
  if (derivation === undefined) throw new AppError('internal', 'the order names nothing to derive');
  const startedMs = performance.now();
  const base = await bundleIn(derivation.bundle, derivation.addenda);
  const { ratios } = derivation;
  checkNew(ratios, base.family);
  const meter = stepMeter(2 * ratios.length, onProgress);
  const deriving = { data, executor, options: trainedUnder(base, order.training) };
  let { family } = base;
  // The smallest subnet first, as thresholds are solved.
  for (const ratio of ratios.toReversed()) {
    family = await deriveMembers(family, [ratio], deriving).catch(rethrowUserFault);
    meter('recalibrate');
  }
  const derived: RatioResult[] = [];
  for (const member of family.members.filter(({ ratio }) => ratios.includes(ratio))) {
    const evaluating = { executor, batches: data.testBatches() };
    derived.push(ratioResult(member, await topOneAccuracy(subnetOf(family, member.ratio), evaluating)));
    meter('evaluate');
  }
  const result: TrainingResult = {
    ratios: derived,
    ...{ trainImages: data.trainCount, testImages: data.testCount },
    executor: { ...executor.info, cpuModel: os.cpus()[0]?.model ?? 'unknown', cpuClass: cpuClass() },
    isochronVersion: isochronVersion(),
    trainingSeconds: (performance.now() - startedMs) / 1000,
  };
  const addendum = { base: base.digest, ratios, metadata: bundleMetadata(order, result) };
  await writeFile(order.bundleFile, writeAddendum(family, addendum));
  return result;
}

/** Widths have to be solved as those of the trained ratios were: the bundle says how, where a job of ours wrote it. */
function trainedUnder({ manifest }: Bundle, training: TrainingOptions): TrainingOptions {
  return TrainingOptions.safeParse(manifest.metadata['training']).data ?? training;
}

/** Another job may have been faster. */
function checkNew(ratios: readonly number[], { members }: Family): void {
  const known = members.map(({ ratio }) => ratio);
  const twice = ratios.filter((ratio) => known.includes(ratio));
  if (twice.length === 0) return;
  throw new AppError('already_exists', `the version has ratio ${twice.join(', ')} by now`);
}

function stepMeter(steps: number, onProgress: (progress: JobProgress) => void) {
  let step = 0;
  return (phase: 'recalibrate' | 'evaluate') => {
    step++;
    onProgress({ stage: 'derive', phase, step, steps, fraction: step / steps });
  };
}
