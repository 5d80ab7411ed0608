import { NetworkError, type Network } from './network.js';
import { deriveShapes } from './shapes.js';

/** Channels that the outputs of all layers have together at most: concatenations of concatenations double each time. */
const MAX_TOTAL_CHANNELS = 1_000_000;

/**
 * Refuses a network before anything is derived from it that takes memory by the channel.
 * @throws NetworkError naming the layer with which there are too many, or what is inconsistent.
 */
export function requireBoundedChannels(network: Network): void {
  const shapes = deriveShapes(network);
  let channels = 0;
  for (const layer of network.layers) {
    channels += shapes.get(layer.name)!.channels;
    if (channels <= MAX_TOTAL_CHANNELS) continue;
    throw new NetworkError(
      `layer "${layer.name}": the layers up to here have more than ${MAX_TOTAL_CHANNELS} output channels together`,
      layer.name,
    );
  }
}
