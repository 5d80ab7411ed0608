import { BN_EPSILON } from '#graph';
import type { ImageShape } from '#network';
import type { PlainLayer, PlainNetwork, ValueNames } from './plain-network.js';
import { CHANNELS_LAST, INTEGER, TensorFlowGraph, int, no, type Attributes } from './tensorflow-graph.js';
import { writeConv, writePool } from './tensorflow-windows.js';

/** A plain network's layers as nodes of a TensorFlow graph whose images are [batch, height, width, channels]. */
export function tensorFlowGraph({ layers, shapes }: PlainNetwork, names: ValueNames): TensorFlowGraph {
  const graph = new TensorFlowGraph(names);
  for (const layer of layers) {
    const inputs = layer.inputs.map((input) => names.of(input));
    const image = shapes.get(layer.inputs[0]!)!;
    writeLayer(layer, { graph, inputs, output: names.of(layer.name), image });
  }
  return graph;
}

interface Place {
  readonly graph: TensorFlowGraph;
  readonly inputs: readonly string[];
  /** Name of the layer's result. */
  readonly output: string;
  /** Of the first input. */
  readonly image: ImageShape;
}

function writeLayer(layer: PlainLayer, { graph, inputs, output, image }: Place): void {
  const { name } = layer;
  const write = (op: string, from: readonly string[], attributes?: Attributes) =>
    void graph.named(output, op, from, attributes);
  switch (layer.kind) {
    case 'conv':
      return writeConv(layer, { graph, input: inputs[0]!, output, image });
    case 'max-pool':
    case 'average-pool':
      return writePool(layer, { graph, input: inputs[0]!, output, image });
    case 'batch-norm': {
      const { scale, shift, mean, variance } = layer.values;
      const values = Object.entries({ scale, shift, mean, variance }).map(([row, data]) =>
        graph.constant(`${name}.${row}`, { shape: [data.length], data }),
      );
      const attributes = { ...CHANNELS_LAST, epsilon: { f: BN_EPSILON }, is_training: no };
      return write('FusedBatchNormV3', [...inputs, ...values], attributes);
    }
    case 'relu':
      return write(layer.max === undefined ? 'Relu' : 'Relu6', inputs);
    case 'add':
      return write('AddV2', inputs);
    case 'concat': {
      // Channels are the last axis of images and of vectors.
      const axis = graph.integers(`${name}.axis`, [-1], []);
      return write('ConcatV2', [...inputs, axis], { N: int(inputs.length), Tidx: INTEGER });
    }
    case 'global-average-pool': {
      const axes = graph.integers(`${name}.axes`, [1, 2]);
      return write('Mean', [...inputs, axes], { keep_dims: no, Tidx: INTEGER });
    }
    case 'dense': {
      const weights = graph.constant(`${name}.weight`, layer.weights);
      const attributes = { transpose_a: no, transpose_b: no };
      const product = graph.step(name, 'MatMul', [...inputs, weights], attributes);
      return write('AddV2', [product, graph.constant(`${name}.bias`, layer.bias)]);
    }
  }
}
