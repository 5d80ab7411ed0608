import { deriveChannelGroups, deriveShapes, type Network, type Widths } from '#network';

/**
 * Prepares a network for counting MACs at many widths: equal to `costOf(sliceNetwork(network, widths)).macs`, without
 * deriving the shapes again each time (a width changes no image size).
 */
export function macCounter(network: Network): (widths: Widths) => number {
  const shapes = deriveShapes(network);
  const { groupOf } = deriveChannelGroups(network);
  const terms = network.layers.flatMap((layer) => {
    if (layer.kind !== 'conv' && layer.kind !== 'dense') return [];
    const output = shapes.get(layer.name)!;
    const taps = layer.kind === 'conv' ? layer.kernel ** 2 : 1;
    return {
      fixed: output.height * output.width * taps,
      sides: [layer.input, layer.name].map((name) => ({
        group: groupOf.get(name),
        channels: shapes.get(name)!.channels,
      })),
    };
  });
  return (widths) =>
    terms.reduce(
      (macs, { fixed, sides }) =>
        macs +
        sides.reduce((product, side) => product * (side.group ? widths[side.group]! : side.channels), fixed),
      0,
    );
}
