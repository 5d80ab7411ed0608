import type { TrainFamilyOptions } from './training-options.js';
import type { SteppedPhase } from './training-plan.js';

/** Epochs of every phase of a method: methods without a mask phase train that much longer jointly. */
export function phaseEpochs({
  method = 'all-in-one',
  warmupEpochs,
  maskEpochs,
  jointEpochs,
}: TrainFamilyOptions): Readonly<Record<SteppedPhase, number>> {
  if (method === 'all-in-one') return { 'warm-up': warmupEpochs, mask: maskEpochs, joint: jointEpochs };
  return { 'warm-up': warmupEpochs, mask: 0, joint: maskEpochs + jointEpochs };
}
