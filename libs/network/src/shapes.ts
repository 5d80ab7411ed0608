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

/** What a layer gives: images, or vectors, which have no sides (and are no images of one pixel). */
interface Output {
  readonly shape: ImageShape;
  readonly isVector: boolean;
}

/**
 * Derives every layer's output shape.
 * @throws NetworkError naming the layer and the sizes that do not fit, an unknown input or a name used twice.
 */
export function deriveShapes(network: Network): Shapes {
  const outputs = new Map<string, Output>([[INPUT, { shape: network.input, isVector: false }]]);
  for (const layer of network.layers) {
    if (outputs.has(layer.name)) throw errorAt(layer, 'the name is used twice');
    const inputs = inputsOf(layer).map((name) => {
      const output = outputs.get(name);
      if (!output) {
        throw errorAt(layer, `input "${name}" is not the name of a layer before it`);
      }
      return output;
    });
    outputs.set(layer.name, outputOf(layer, inputs));
  }
  const last = network.layers.at(-1);
  const logits = last && outputs.get(last.name)?.shape;
  if (!last || !logits || last.kind !== 'dense' || logits.channels !== network.classes) {
    throw new NetworkError(
      `network "${network.name}": the last layer must be dense with ${network.classes} features, found ` +
        (last ? `${last.kind} "${last.name}" with ${logits?.channels ?? 0}` : 'no layer'),
    );
  }
  return new Map([...outputs].map(([name, { shape }]) => [name, shape]));
}

function outputOf(layer: Layer, inputs: readonly Output[]): Output {
  const { isVector } = inputs[0]!;
  switch (layer.kind) {
    case 'dense':
      return { shape: denseShape(layer, inputs[0]!), isVector: true };
    case 'relu':
      return inputs[0]!;
    case 'add':
      if (format(inputs[0]!) === format(inputs[1]!)) return inputs[0]!;
      throw errorAt(layer, `cannot add ${format(inputs[0]!)} and ${format(inputs[1]!)}`);
    case 'concat':
      return { shape: concatenated(layer, inputs), isVector };
    default:
      if (isVector) throw errorAt(layer, `${layer.kind} needs images, got the vector ${format(inputs[0]!)}`);
      return { shape: imageShape(layer, inputs[0]!.shape), isVector: layer.kind === 'global-average-pool' };
  }
}

function denseShape(layer: Layer & { kind: 'dense' }, input: Output): ImageShape {
  if (!input.isVector) throw errorAt(layer, `dense needs a pooled input, got ${format(input)}`);
  requireInteger(layer, 'outFeatures', layer.outFeatures, 1);
  return { channels: layer.outFeatures, height: 1, width: 1 };
}

function concatenated(layer: Layer, inputs: readonly Output[]): ImageShape {
  const [first, ...others] = inputs;
  if (!first || others.length === 0) {
    throw errorAt(layer, `a concatenation needs two inputs at least, got ${inputs.length}`);
  }
  const { height, width } = first.shape;
  const fits = ({ shape, isVector }: Output) =>
    isVector === first.isVector && shape.height === height && shape.width === width;
  const other = others.find((output) => !fits(output));
  if (other) {
    const expected =
      other.isVector === first.isVector ? 'the same height and width' : 'only images or only vectors';
    throw errorAt(layer, `cannot concatenate ${format(first)} with ${format(other)}: expected ${expected}`);
  }
  return { ...first.shape, channels: inputs.reduce((sum, { shape }) => sum + shape.channels, 0) };
}

type ImageLayer = Exclude<Layer, { kind: 'dense' | 'relu' | 'add' | 'concat' }>;

function imageShape(layer: ImageLayer, input: ImageShape): ImageShape {
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
      return input;
    case 'global-average-pool':
      return { channels: input.channels, height: 1, width: 1 };
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
      `a ${kernel}x${kernel} kernel does not fit its ${formatShape(input)} input ` +
        `(padding ${padding}, dilation ${dilation})`,
    );
  }
  return { height, width };
}

function requireInteger(layer: Layer, field: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw errorAt(layer, `${field} ${value}: expected an integer of at least ${least}`);
}

const errorAt = (layer: Layer, problem: string) =>
  new NetworkError(`layer "${layer.name}": ${problem}`, layer.name);

const format = ({ shape, isVector }: Output) => (isVector ? `[${shape.channels}]` : formatShape(shape));

const formatShape = (s: ImageShape) => `[${s.channels}, ${s.height}, ${s.width}]`;
