import { costOf, type Network, type Widths } from '#network';
import { macCounter } from './count-macs.js';
import { phaseEpochs } from './phase-epochs.js';
import type { TrainFamilyOptions } from './training-options.js';

/** Forward and backward cost about three forward passes: the gradients of images and of weights take one each. */
export const PASSES_PER_TRAINING_STEP = 3;

/**
 * Multiply-accumulates of all training steps: dense ones in warm-up and mask phase, where channels are masked but
 * computed, and those of every subnet in the joint phase. Without recalibration and evaluation.
 * @param widths of every subnet that is trained jointly
 * @param trainCount images of an epoch, without those that fill no batch
 */
export function trainingMacs(
  network: Network,
  widths: readonly Widths[],
  options: TrainFamilyOptions,
  trainCount: number,
): number {
  const epochs = phaseEpochs(options);
  const macsOf = macCounter(network);
  const dense = (epochs['warm-up'] + epochs.mask) * costOf(network).macs;
  const joint = epochs.joint * widths.reduce((sum, each) => sum + macsOf(each), 0);
  const images = Math.floor(trainCount / options.batchSize) * options.batchSize;
  return PASSES_PER_TRAINING_STEP * images * (dense + joint);
}
