import { INPUT, NetworkError, inputsOf, type ImageShape, type Layer, type Network } from './network.js';

/** Output shape of every layer, by layer name; `INPUT` is the network's input. Vectors have height = width = 1. */
export type Shapes = ReadonlyMap<string, ImageShape>;

/**
 * Derives every layer's output shape.
 * @throws NetworkError naming the layer and the sizes that do not fit, an unknown input or a name used twice.
 */
export function deriveShapes(network: Network): Shapes {
  const shapes = new Map<string, ImageShape>([[INPUT, network.input]]);
  for (const layer of network.layers) {
    if (shapes.has(layer.name)) throw new NetworkError(`layer "${layer.name}": the name is used twice`);
    const inputs = inputsOf(layer).map((name) => {
      const shape = shapes.get(name);
      if (!shape) {
        throw new NetworkError(`layer "${layer.name}": input "${name}" is not the name of a layer before it`);
      }
      return shape;
    });
    shapes.set(layer.name, outputShape(layer, inputs));
  }
  const last = network.layers.at(-1);
  const logits = last && shapes.get(last.name);
  if (!last || !logits || last.kind !== 'dense' || logits.channels !== network.classes) {
    throw new NetworkError(
      `network "${network.name}": the last layer must be dense with ${network.classes} features, found ` +
        (last ? `${last.kind} "${last.name}" with ${logits?.channels ?? 0}` : 'no layer'),
    );
  }
  return shapes;
}

function outputShape(layer: Layer, inputs: readonly ImageShape[]): ImageShape {
  const input = inputs[0]!;
  switch (layer.kind) {
    case 'conv': {
      const side = (size: number) => Math.floor((size + 2 * layer.padding - layer.kernel) / layer.stride) + 1;
      const shape = { channels: layer.outChannels, height: side(input.height), width: side(input.width) };
      if (shape.height < 1 || shape.width < 1) {
        throw new NetworkError(
          `layer "${layer.name}": a ${layer.kernel}x${layer.kernel} kernel does not fit its ${format(input)} input`,
        );
      }
      return shape;
    }
    case 'batch-norm':
    case 'relu':
      return input;
    case 'add': {
      const other = inputs[1]!;
      if (format(input) !== format(other)) {
        throw new NetworkError(`layer "${layer.name}": cannot add ${format(input)} and ${format(other)}`);
      }
      return input;
    }
    case 'global-average-pool':
      return { channels: input.channels, height: 1, width: 1 };
    case 'dense':
      if (input.height !== 1 || input.width !== 1) {
        throw new NetworkError(`layer "${layer.name}": dense needs a pooled input, got ${format(input)}`);
      }
      return { channels: layer.outFeatures, height: 1, width: 1 };
  }
}

const format = (s: ImageShape) => `[${s.channels}, ${s.height}, ${s.width}]`;
