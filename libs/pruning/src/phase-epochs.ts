import type { TrainFamilyOptions } from './training-options.js';
import type { SteppedPhase } from './training-plan.js';

/**
 * Epochs of every phase of a method. A mask phase that trains the largest subnet alone is a warm-up for one without a mask;
 * one that trains all ratios in turn becomes part of the joint phase.
 */
export function phaseEpochs({
  method = 'all-in-one',
  maskedRatios = 'largest',
  warmupEpochs,
  maskEpochs,
  jointEpochs,
}: TrainFamilyOptions): Readonly<Record<SteppedPhase, number>> {
  if (method === 'all-in-one') return { 'warm-up': warmupEpochs, mask: maskEpochs, joint: jointEpochs };
  if (maskedRatios === 'largest')
    return { 'warm-up': warmupEpochs + maskEpochs, mask: 0, joint: jointEpochs };
  return { 'warm-up': warmupEpochs, mask: 0, joint: maskEpochs + jointEpochs };
}
