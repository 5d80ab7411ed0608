import { PASSES_PER_TRAINING_STEP } from '#pruning';
import type { AccuracyMethod } from './accuracy-run.js';
import { epochsOf, type RunOptions } from './run-settings.js';

/** What a training shows its networks. */
interface Shown {
  readonly trainImages: number;
  readonly options: RunOptions;
}

/** MACs of an epoch of training: full batches alone. @param macs of one image's forward pass through all that is trained */
function epochMacs(macs: number, { trainImages, options: { batchSize } }: Shown): number {
  return PASSES_PER_TRAINING_STEP * macs * Math.floor(trainImages / batchSize) * batchSize;
}

/**
 * MACs of all training steps of a run.
 * @param macs of one image's forward pass, for every trained ratio; the largest network's first
 */
export function trainingMacsOf(method: AccuracyMethod, macs: readonly number[], shown: Shown): number {
  const all = epochMacs(
    macs.reduce((sum, each) => sum + each, 0),
    shown,
  );
  if (method === 'independent') return epochsOf(shown.options) * all;
  const { warmupEpochs, maskEpochs, jointEpochs } = shown.options;
  return (warmupEpochs + maskEpochs) * epochMacs(macs[0]!, shown) + jointEpochs * all;
}
