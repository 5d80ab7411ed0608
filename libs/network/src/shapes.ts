import {
  INPUT,
  NetworkError,
  inputsOf,
  type ConvLayer,
  type ImageShape,
  type Layer,
  type Network,
  type PoolLayer,
} from './network.js';

/** Output shape of every layer, by layer name; `INPUT` is the network's input. Vectors have height = width = 1. */
export type Shapes = ReadonlyMap<string, ImageShape>;

/**
 * Derives every layer's output shape.
 * @throws NetworkError naming the layer and the sizes that do not fit, an unknown input or a name used twice.
 */
export function deriveShapes(network: Network): Shapes {
  const shapes = new Map<string, ImageShape>([[INPUT, network.input]]);
  for (const layer of network.layers) {
    if (shapes.has(layer.name)) throw errorAt(layer, 'the name is used twice');
    const inputs = inputsOf(layer).map((name) => {
      const shape = shapes.get(name);
      if (!shape) {
        throw errorAt(layer, `input "${name}" is not the name of a layer before it`);
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
    case 'conv':
      checkChannels(layer, input);
      return { channels: layer.outChannels, ...slidWindow(layer, input) };
    case 'max-pool':
    case 'average-pool':
      if (layer.padding >= layer.kernel) {
        throw errorAt(
          layer,
          `padding ${layer.padding} would give its ${layer.kernel}x${layer.kernel} windows no pixel`,
        );
      }
      return { channels: input.channels, ...slidWindow(layer, input) };
    case 'batch-norm':
    case 'relu':
      return input;
    case 'add': {
      const other = inputs[1]!;
      if (format(input) !== format(other)) {
        throw errorAt(layer, `cannot add ${format(input)} and ${format(other)}`);
      }
      return input;
    }
    case 'global-average-pool':
      return { channels: input.channels, height: 1, width: 1 };
    case 'dense':
      if (input.height !== 1 || input.width !== 1) {
        throw errorAt(layer, `dense needs a pooled input, got ${format(input)}`);
      }
      return { channels: layer.outFeatures, height: 1, width: 1 };
  }
}

function checkChannels(layer: ConvLayer, input: ImageShape): void {
  const { outChannels, groups = 1 } = layer;
  requireInteger(layer, 'outChannels', outChannels, 1);
  if (groups === 'depthwise') {
    if (input.channels === outChannels) return;
    throw errorAt(
      layer,
      `a depthwise convolution of ${input.channels} channels cannot give ${outChannels} channels`,
    );
  }
  requireInteger(layer, 'groups', groups, 1);
  if (input.channels % groups === 0 && outChannels % groups === 0) return;
  throw errorAt(
    layer,
    `${groups} groups do not divide ${input.channels} input and ${outChannels} output channels`,
  );
}

/** Sides of what a square window gives that slides over an image. */
function slidWindow(layer: ConvLayer | PoolLayer, input: ImageShape): { height: number; width: number } {
  const { kernel, stride, padding } = layer;
  const dilation = layer.kind === 'conv' ? (layer.dilation ?? 1) : 1;
  requireInteger(layer, 'kernel', kernel, 1);
  requireInteger(layer, 'stride', stride, 1);
  requireInteger(layer, 'padding', padding, 0);
  requireInteger(layer, 'dilation', dilation, 1);
  const reach = dilation * (kernel - 1) + 1;
  const side = (size: number) => Math.floor((size + 2 * padding - reach) / stride) + 1;
  const [height, width] = [side(input.height), side(input.width)];
  if (height < 1 || width < 1) {
    throw errorAt(
      layer,
      `a ${kernel}x${kernel} kernel does not fit its ${format(input)} input ` +
        `(padding ${padding}, dilation ${dilation})`,
    );
  }
  return { height, width };
}

function requireInteger(layer: Layer, field: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw errorAt(layer, `${field} ${value} is no integer from ${least}`);
}

const errorAt = (layer: Layer, problem: string) => new NetworkError(`layer "${layer.name}": ${problem}`);

const format = (s: ImageShape) => `[${s.channels}, ${s.height}, ${s.width}]`;
