import { add, conv2d, dense, globalAveragePool, relu, type Value } from '#graph';
import { INPUT, type Layer, type Network } from '#network';
import { biasOf, weightOf } from './parameters.js';

/** Where a forward pass takes its weights from, and what it does at BatchNorm and at masked channels. */
export interface ForwardParts {
  /** A weight or bias by name. */
  parameter(name: string): Value;
  /** The output of the BatchNorm layer `layer`. */
  normalise(layer: string, input: Value): Value;
  /** What a convolution or dense layer reads in place of the output of the layer `from`; the output itself if absent. */
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
      const { stride, padding } = layer;
      return conv2d(consume(layer.input), parts.parameter(weightOf(layer.name)), { stride, padding });
    }
    case 'batch-norm':
      return parts.normalise(layer.name, read(layer.input));
    case 'relu':
      return relu(read(layer.input));
    case 'add':
      return add(read(layer.inputs[0]), read(layer.inputs[1]));
    case 'global-average-pool':
      return globalAveragePool(read(layer.input));
    case 'dense':
      return dense(
        consume(layer.input),
        parts.parameter(weightOf(layer.name)),
        parts.parameter(biasOf(layer.name)),
      );
  }
}
