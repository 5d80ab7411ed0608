import { deriveShapes, keptChannels, type Network, type Widths } from '#network';
import { parameterLayouts, weightName } from './parameters.js';

/**
 * Prepares a network for counting MACs at many widths: equal to `costOf(sliceNetwork(network, widths)).macs`, without
 * deriving the shapes again each time (a width changes no image size).
 */
export function macCounter(network: Network): (widths: Widths) => number {
  const shapes = deriveShapes(network);
  const pixels = new Map(
    network.layers.map(({ name }) => [weightName(name), shapes.get(name)!.height * shapes.get(name)!.width]),
  );
  // Every weight meets every pixel of its layer's output once.
  const weights = parameterLayouts(network)
    .filter((layout) => layout.kind === 'weight')
    .map(({ name, axes }) => ({ pixels: pixels.get(name)!, axes }));
  return (widths) =>
    weights.reduce(
      (macs, { pixels: times, axes }) =>
        macs + axes.reduce((product, { segments }) => product * keptChannels(segments, widths), times),
      0,
    );
}
