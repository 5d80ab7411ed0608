import { type Tensor } from '#graph';
import { costOf, denseWidths, deriveShapes, sliceNetwork, type Network } from '#network';
import type { BatchNormState, RatioMember } from '#pruning';
import { BundleError } from './bundle-error.js';
import type { MemberEntry } from './manifest.js';
import type { TensorTaker } from './tensor-taker.js';

const batchNormName = (member: number): string => `batchNorm/${member}`;

/** Rows of a member's one BatchNorm tensor: one tensor per layer and row would cost more header than values. */
const ROWS = ['scale', 'shift', 'mean', 'variance'] as const;

/**
 * What every ratio has of its own, by name: `batchNorm/<place>` [4, channels of all BatchNorm layers in order, at the
 * member's widths].
 */
export function memberTensors(network: Network, members: readonly RatioMember[]): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  members.forEach(({ widths, batchNorm }, index) => {
    const layers = batchNormLayers(sliceNetwork(network, widths));
    const rows = ROWS.flatMap((row) => layers.flatMap(({ name }) => [...batchNorm[name]![row]]));
    const data = Float32Array.from(rows);
    tensors[batchNormName(index)] = { shape: [ROWS.length, data.length / ROWS.length], data };
  });
  return tensors;
}

/**
 * The members that a manifest lists, with their tensors.
 * @throws BundleError when widths or a tensor do not fit the network.
 */
export function takeMembers(
  network: Network,
  entries: readonly MemberEntry[],
  tensors: TensorTaker,
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
    const { data } = tensors.take(batchNormName(index), [ROWS.length, total]);
    const batchNorm = splitBatchNorm(layers, data);
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

function splitBatchNorm(layers: readonly BatchNormSize[], data: Float32Array): BatchNormState {
  const total = data.length / ROWS.length;
  const state: BatchNormState = {};
  let begin = 0;
  for (const { name, channels } of layers) {
    const row = (kind: (typeof ROWS)[number]): Float32Array => {
      const from = ROWS.indexOf(kind) * total + begin;
      return data.slice(from, from + channels);
    };
    state[name] = { scale: row('scale'), shift: row('shift'), mean: row('mean'), variance: row('variance') };
    begin += channels;
  }
  return state;
}
