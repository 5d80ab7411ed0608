import { deriveChannelGroups } from './channel-groups.js';
import {
  NetworkError,
  inputsOf,
  type DenseLayer,
  type ImageShape,
  type Layer,
  type Network,
} from './network.js';
import { requireBoundedChannels } from './total-channels.js';

/** A layer as a user describes it: the classifier's features may be left to the dataset. */
export type LayerDescription =
  | Exclude<Layer, DenseLayer>
  | (Omit<DenseLayer, 'outFeatures'> & { readonly outFeatures?: number | undefined });

export interface CustomNetworkOptions {
  readonly name: string;
  /** In execution order. A dense layer without `outFeatures` has as many as there are classes. */
  readonly layers: readonly LayerDescription[];
  readonly input: ImageShape;
  readonly classes: number;
}

/**
 * A user's own network.
 * @throws NetworkError naming the layer that does not fit those it reads, that no layer reads, or with which the
 * network has more channels than can be handled; without a layer where the network has no channel group to prune.
 */
export function customNetwork({ name, layers, input, classes }: CustomNetworkOptions): Network {
  const network: Network = { name, input, classes, layers: layers.map((layer) => completed(layer, classes)) };
  requireBoundedChannels(network);
  requireReaders(network);
  requireGroups(network);
  return network;
}

const completed = (layer: LayerDescription, classes: number): Layer =>
  layer.kind === 'dense' ? { ...layer, outFeatures: layer.outFeatures ?? classes } : layer;

/** A layer that leads nowhere is a mistake: it would be trained by nothing and pruned at random. */
function requireReaders({ layers }: Network): void {
  const read = new Set(layers.flatMap(inputsOf));
  const idle = layers.slice(0, -1).find((layer) => !read.has(layer.name));
  if (idle) throw new NetworkError(`layer "${idle.name}": no layer reads its output`, idle.name);
}

/** Without a group all pruning ratios but 0 are out of reach, and there is no mask to train. */
function requireGroups(network: Network): void {
  if (deriveChannelGroups(network).groups.length > 0) return;
  throw new NetworkError(
    `network "${network.name}" has no channels that can be pruned: expected at least one convolution with groups 1 whose ` +
      'channels are not tied to the images or to a dense layer, to what a convolution of several groups reads or writes, ' +
      'or by an addition to segments of other sizes',
  );
}
