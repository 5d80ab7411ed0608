import { costOf, sliceNetwork, type Cost, type Network, type Widths } from '#network';
import { initialParameters, initialScaleAndShift } from './initialise.js';
import type { SoftMask } from './mask.js';
import {
  parameterLayouts,
  scaleName,
  shiftName,
  type BatchNormState,
  type Parameters,
} from './parameters.js';
import { slicePrefixes } from './prefix-slice.js';

/** The dense, physically small network of one ratio, ready to run. */
export interface Subnet {
  /** Already sliced. */
  readonly network: Network;
  readonly parameters: Parameters;
  readonly batchNorm: BatchNormState;
}

/** What one ratio adds to the shared weights. */
export interface RatioMember {
  readonly ratio: number;
  readonly threshold: number;
  readonly widths: Widths;
  readonly cost: Cost;
  /** As long as the ratio's widths. */
  readonly batchNorm: BatchNormState;
  /** True where the ratio was not trained: its threshold was solved and its BatchNorm recalibrated afterwards. */
  readonly derived?: boolean | undefined;
}

/** One weight set and one soft mask that stand for all ratios: every subnet is a prefix of every channel group. */
export interface Family {
  readonly network: Network;
  /** Channels of every group in the mask's order. */
  readonly parameters: Parameters;
  /** Descending in every group. */
  readonly mask: SoftMask;
  /** Ascending in ratio. */
  readonly members: readonly RatioMember[];
}

/**
 * Cuts one ratio's subnet out of a family.
 * @throws RangeError when the family has no such ratio.
 */
export function subnetOf(family: Family, ratio: number): Subnet {
  const { widths, batchNorm } = memberOf(family, ratio);
  return {
    network: sliceNetwork(family.network, widths),
    parameters: sliceParameters(family.network, family.parameters, widths),
    batchNorm,
  };
}

/** @throws RangeError when the family has no such ratio. */
export function memberOf({ members }: Family, ratio: number): RatioMember {
  const member = members.find((candidate) => candidate.ratio === ratio);
  if (member) return member;
  const ratios = members.map((candidate) => candidate.ratio).join(', ');
  throw new RangeError(`pruning ratio ${ratio} is not in the family: expected one of ${ratios}`);
}

/**
 * An untrained subnet of the given widths: He initialisation, BatchNorm as identity. It runs as long as a trained one,
 * so a device can be measured before there is one.
 * @throws NetworkError when a width is missing or outside 1..channels.
 */
export function randomSubnet(network: Network, widths: Widths, seed: number): Subnet {
  const sliced = sliceNetwork(network, widths);
  const trained = initialScaleAndShift(sliced);
  const batchNorm: BatchNormState = {};
  for (const layer of sliced.layers) {
    if (layer.kind !== 'batch-norm') continue;
    const scale = trained[scaleName(layer.name)]!.data;
    batchNorm[layer.name] = {
      scale,
      shift: trained[shiftName(layer.name)]!.data,
      mean: new Float32Array(scale.length),
      variance: new Float32Array(scale.length).fill(1),
    };
  }
  return { network: sliced, parameters: initialParameters(sliced, seed), batchNorm };
}

/** MACs and parameters of a network at the given widths. */
export const costAt = (network: Network, widths: Widths): Cost => costOf(sliceNetwork(network, widths));

/** The weights' leading channels. */
export function sliceParameters(network: Network, parameters: Parameters, widths: Widths): Parameters {
  return slicePrefixes(parameters, parameterLayouts(network), widths);
}
