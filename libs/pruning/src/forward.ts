import {
  add,
  averagePool,
  concat,
  conv2d,
  dense,
  globalAveragePool,
  maxPool,
  relu,
  relu6,
  type Value,
} from '#graph';
import { INPUT, groupCountOf, type ConvLayer, type Layer, type Network } from '#network';
import { biasName, weightName } from './parameters.js';

/** Where a forward pass takes its weights from, and what it does at BatchNorm and at masked channels. */
export interface ForwardParts {
  /** A weight or bias by name. */
  parameter(name: string): Value;
  /** The output of the BatchNorm layer `layer`. */
  normalise(layer: string, input: Value): Value;
  /**
   * What a convolution or dense layer reads in place of the output of the layer `from`; the output itself if absent. Not
   * asked for a depthwise convolution, which mixes no channels: its own output is of the same channel groups.
   */
  consume?(output: Value, from: string): Value;
}

/** Builds a network's forward pass: images [batch, channels, height, width] to logits [batch, classes]. */
export function forward(network: Network, images: Value, parts: ForwardParts): Value {
  const values = new Map<string, Value>([[INPUT, images]]);
  const consumed = new Map<string, Value>();
  const read = (name: string): Value => values.get(name)!;
  const consume = (name: string): Value => {
    if (!parts.consume || name === INPUT) return read(name);
    const value = consumed.get(name) ?? parts.consume(read(name), name);
    consumed.set(name, value);
    return value;
  };
  for (const layer of network.layers) {
    const output = images.builder.labelled(layer.name, () => layerOutput(layer, read, consume, parts));
    values.set(layer.name, output);
  }
  return read(network.layers.at(-1)!.name);
}

function layerOutput(
  layer: Layer,
  read: (name: string) => Value,
  consume: (name: string) => Value,
  parts: ForwardParts,
): Value {
  switch (layer.kind) {
    case 'conv': {
      const images = layer.groups === 'depthwise' ? read(layer.input) : consume(layer.input);
      return convolve(images, parts.parameter(weightName(layer.name)), layer);
    }
    case 'batch-norm':
      return parts.normalise(layer.name, read(layer.input));
    case 'relu':
      return layer.max === 6 ? relu6(read(layer.input)) : relu(read(layer.input));
    case 'add':
      return add(read(layer.inputs[0]), read(layer.inputs[1]));
    case 'concat':
      return concat(layer.inputs.map(read), 1);
    case 'max-pool':
      return maxPool(read(layer.input), layer);
    case 'average-pool':
      return averagePool(read(layer.input), layer);
    case 'global-average-pool':
      return globalAveragePool(read(layer.input));
    case 'dense':
      return dense(
        consume(layer.input),
        parts.parameter(weightName(layer.name)),
        parts.parameter(biasName(layer.name)),
      );
  }
}

function convolve(images: Value, filters: Value, layer: ConvLayer): Value {
  const { stride, padding, dilation = 1 } = layer;
  const groups = groupCountOf(layer, images.shape[1]!);
  return conv2d(images, filters, { stride, padding, dilation, groups });
}
