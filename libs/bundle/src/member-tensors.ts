import { type Tensor } from '#graph';
import { costOf, denseWidths, deriveShapes, sliceNetwork, type Network } from '#network';
import {
  affineBatchNorm,
  batchNormOf,
  type BatchNormState,
  type BatchNormValues,
  type RatioMember,
} from '#pruning';
import { BundleError } from './bundle-error.js';
import type { MemberEntry } from './manifest.js';
import type { TensorTaker } from './tensor-taker.js';
import { batchNormName } from './tensor-values.js';

/** How a file holds BatchNorm: its rows, in one tensor per member, since one per layer and row would cost more header than values. */
export interface BatchNormRows {
  readonly count: number;
  readonly of: (values: BatchNormValues) => readonly Float32Array[];
  readonly values: (rows: readonly Float32Array[]) => BatchNormValues;
}

/** Rows scale, shift, mean, variance. */
export const FOUR_ROWS: BatchNormRows = {
  count: 4,
  of: ({ scale, shift, mean, variance }) => [scale, shift, mean, variance],
  values: ([scale, shift, mean, variance]) => ({
    ...{ scale: scale!, shift: shift!, mean: mean!, variance: variance! },
  }),
};

/** Rows factor and offset: all that running a subnet takes, and half as much. */
export const AFFINE_ROWS: BatchNormRows = {
  count: 2,
  of: (values) => {
    const { factor, offset } = affineBatchNorm(values);
    return [factor, offset];
  },
  values: ([factor, offset]) => batchNormOf({ factor: factor!, offset: offset! }),
};

/**
 * What every ratio has of its own, by name: `batchNorm/<place>` [rows, channels of all BatchNorm layers in order, at the
 * member's widths].
 */
export function memberTensors(
  network: Network,
  members: readonly RatioMember[],
  rows: BatchNormRows,
): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  members.forEach(({ widths, batchNorm }, index) => {
    const layers = batchNormLayers(sliceNetwork(network, widths));
    const ofLayers = layers.map(({ name }) => rows.of(batchNorm[name]!));
    const values = Array.from({ length: rows.count }, (_, row) =>
      ofLayers.flatMap((layer) => [...layer[row]!]),
    );
    const data = Float32Array.from(values.flat());
    tensors[batchNormName(index)] = { shape: [rows.count, data.length / rows.count], data };
  });
  return tensors;
}

/**
 * The members that a manifest lists, with their tensors.
 * @throws BundleError when widths or a tensor do not fit the network, or a value is not finite.
 */
export function takeMembers(
  network: Network,
  entries: readonly MemberEntry[],
  tensors: TensorTaker,
  rows: BatchNormRows,
): RatioMember[] {
  const groups = denseWidths(network);
  return entries.map(({ ratio, threshold, widths, derived }, index): RatioMember => {
    const unknown = Object.keys(widths).find((group) => !Object.hasOwn(groups, group));
    if (unknown !== undefined) {
      throw new BundleError(
        `manifest.members[${index}].widths.${unknown}: expected no such field, the network has no group of that name`,
      );
    }
    const sliced = sliceNetwork(network, widths);
    const layers = batchNormLayers(sliced);
    const total = layers.reduce((sum, layer) => sum + layer.channels, 0);
    const { data } = tensors.takeChecked(batchNormName(index), [rows.count, total]);
    const batchNorm = splitBatchNorm(layers, data, rows);
    return { ratio, threshold, widths, cost: costOf(sliced), batchNorm, ...(derived && { derived }) };
  });
}

interface BatchNormSize {
  readonly name: string;
  readonly channels: number;
}

function batchNormLayers(network: Network): BatchNormSize[] {
  const shapes = deriveShapes(network);
  return network.layers
    .filter((layer) => layer.kind === 'batch-norm')
    .map(({ name }) => ({ name, channels: shapes.get(name)!.channels }));
}

function splitBatchNorm(
  layers: readonly BatchNormSize[],
  data: Float32Array,
  rows: BatchNormRows,
): BatchNormState {
  const total = data.length / rows.count;
  const state: BatchNormState = {};
  let begin = 0;
  for (const { name, channels } of layers) {
    const row = (_: unknown, index: number): Float32Array => {
      const from = index * total + begin;
      return data.slice(from, from + channels);
    };
    state[name] = rows.values(Array.from({ length: rows.count }, row));
    begin += channels;
  }
  return state;
}
