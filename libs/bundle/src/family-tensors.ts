import { formatShape, sameShape, type Tensor } from '#graph';
import { costOf, deriveChannelGroups, deriveShapes, sliceNetwork, type Network } from '#network';
import { parameterShapes, type BatchNormState, type Family, type RatioMember } from '#pruning';
import { BundleError } from './bundle-error.js';
import type { BundleManifest } from './manifest.js';

type Tensors = Readonly<Record<string, Tensor>>;

const maskName = (group: string): string => `mask/${group}`;
const batchNormName = (member: number): string => `batchNorm/${member}`;

/** Rows of a member's one BatchNorm tensor: one tensor per layer and row would cost more header than values. */
const ROWS = ['scale', 'shift', 'mean', 'variance'] as const;

/**
 * A family's tensors by name: the shared weights under their own names, `mask/<group>` [channels] and `batchNorm/<member>`
 * [4, channels of all BatchNorm layers in order, at the member's widths].
 */
export function familyTensors(family: Family): Tensors {
  const tensors: Record<string, Tensor> = { ...family.parameters };
  for (const [group, data] of Object.entries(family.mask)) {
    tensors[maskName(group)] = { shape: [data.length], data };
  }
  family.members.forEach(({ widths, batchNorm }, index) => {
    const layers = batchNormLayers(sliceNetwork(family.network, widths));
    const rows = ROWS.flatMap((row) => layers.flatMap(({ name }) => [...batchNorm[name]![row]]));
    const data = Float32Array.from(rows);
    tensors[batchNormName(index)] = { shape: [ROWS.length, data.length / ROWS.length], data };
  });
  return tensors;
}

/** @throws BundleError when a tensor is missing, superfluous or of another shape than the manifest's network wants. */
export function familyOf(manifest: BundleManifest, tensors: Tensors): Family {
  const { network } = manifest;
  const left = new Map(Object.entries(tensors));
  const take = (name: string, shape: readonly number[]): Tensor => {
    const tensor = left.get(name);
    if (!tensor || !sameShape(tensor.shape, shape)) {
      const found = tensor ? formatShape(tensor.shape) : 'nothing';
      throw new BundleError(`tensor "${name}": expected ${formatShape(shape)}, found ${found}`);
    }
    left.delete(name);
    return tensor;
  };
  const parameters = Object.fromEntries(
    Object.entries(parameterShapes(network)).map(([name, shape]) => [name, take(name, shape)]),
  );
  const mask = Object.fromEntries(
    deriveChannelGroups(network).groups.map(({ name, channels }) => [
      name,
      take(maskName(name), [channels]).data,
    ]),
  );
  const members = manifest.members.map(({ ratio, threshold, widths, derived }, index): RatioMember => {
    const sliced = sliceNetwork(network, widths);
    const layers = batchNormLayers(sliced);
    const total = layers.reduce((sum, layer) => sum + layer.channels, 0);
    const { data } = take(batchNormName(index), [ROWS.length, total]);
    const batchNorm = splitBatchNorm(layers, data);
    return { ratio, threshold, widths, cost: costOf(sliced), batchNorm, ...(derived && { derived }) };
  });
  const [superfluous] = left.keys();
  if (superfluous !== undefined)
    throw new BundleError(`tensor "${superfluous}" belongs to nothing in the manifest`);
  return { network, parameters, mask, members };
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
