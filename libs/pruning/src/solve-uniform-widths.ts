import { deriveChannelGroups, type Network, type Widths } from '#network';
import type { SoftMask } from './mask.js';
import { solveThresholds, type ThresholdSolution } from './solve-thresholds.js';
import type { WidthConstraints } from './width-constraints.js';

/**
 * A mask that says nothing but the order in which channels stand: 1 at a group's first one, falling evenly towards 0. Its
 * thresholds keep the same share of every group.
 */
export function uniformMask(network: Network): SoftMask {
  return Object.fromEntries(
    deriveChannelGroups(network).groups.map(({ name, channels }) => [
      name,
      Float32Array.from({ length: channels }, (_, channel) => 1 - channel / channels),
    ]),
  );
}

/**
 * The same share of every group for each ratio, within one channel step of the ratio's budget. Subnets are nested.
 * @throws as `solveThresholds` does
 */
export function solveUniform(
  network: Network,
  ratios: readonly number[],
  { minChannels, channelMultiple }: WidthConstraints,
): ThresholdSolution[] {
  return solveThresholds(network, uniformMask(network), ratios, { minChannels, channelMultiple });
}

/**
 * Widths of one ratio with the same share of every group. Stands for learned widths where there is no mask yet, as when a
 * device is measured.
 * @throws as `solveThresholds` does
 */
export function solveUniformWidths(network: Network, ratio: number, constraints: WidthConstraints): Widths {
  return solveUniform(network, [ratio], constraints)[0]!.widths;
}
