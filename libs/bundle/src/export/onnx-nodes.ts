import { BN_EPSILON, type Tensor } from '#graph';
import type { AttributeValue, OnnxInitializer, OnnxNode } from '#onnx';
import type { PlainLayer, PlainNetwork, ValueNames } from './plain-network.js';

interface OnnxParts {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
}

/** A plain network's layers as ONNX nodes, one a layer but for the global average pool, whose sides of one pixel go. */
export function onnxNodes({ layers }: PlainNetwork, names: ValueNames): OnnxParts {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  const constant = (name: string, { shape, data }: Tensor): string => {
    const unused = names.unused(name);
    initializers.push({ name: unused, shape, data });
    return unused;
  };
  const scalars = new Map<string, string>();
  const scalar = (name: string, value: number): string => {
    const known = scalars.get(name) ?? constant(name, { shape: [], data: Float32Array.of(value) });
    scalars.set(name, known);
    return known;
  };
  const unused = (name: string) => names.unused(name);
  for (const layer of layers) {
    const inputs = layer.inputs.map((input) => names.of(input));
    for (const node of layerNodes(layer, { inputs, constant, scalar, unused })) {
      const { type, output = names.of(layer.name), attributes = {} } = node;
      nodes.push({ type, domain: '', inputs: node.inputs, outputs: [output], attributes });
    }
  }
  return { nodes, initializers };
}

interface Node {
  readonly type: string;
  readonly inputs: readonly string[];
  /** The layer's own without it. */
  readonly output?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

interface LayerContext {
  readonly inputs: readonly string[];
  readonly constant: (name: string, tensor: Tensor) => string;
  /** One constant, however often it is asked for. */
  readonly scalar: (name: string, value: number) => string;
  readonly unused: (name: string) => string;
}

function layerNodes(layer: PlainLayer, { inputs, constant, scalar, unused }: LayerContext): Node[] {
  const vector = (name: string, data: Float32Array) =>
    constant(`${layer.name}.${name}`, { shape: [data.length], data });
  switch (layer.kind) {
    case 'conv': {
      const filters = constant(`${layer.name}.weight`, layer.filters);
      const bias = layer.bias ? [vector('bias', layer.bias)] : [];
      const attributes = {
        ...windowAttributes(layer),
        ...{ dilations: ints([layer.dilation, layer.dilation]), group: int(layer.groups) },
      };
      return [{ type: 'Conv', inputs: [...inputs, filters, ...bias], attributes }];
    }
    case 'batch-norm': {
      const { scale, shift, mean, variance } = layer.values;
      const values = Object.entries({ scale, shift, mean, variance });
      const parameters = values.map(([name, data]) => vector(name, data));
      const attributes = { epsilon: { type: 'float', value: BN_EPSILON } } as const;
      return [{ type: 'BatchNormalization', inputs: [...inputs, ...parameters], attributes }];
    }
    case 'relu':
      if (layer.max === undefined) return [{ type: 'Relu', inputs }];
      return [{ type: 'Clip', inputs: [...inputs, scalar('relu6.min', 0), scalar('relu6.max', layer.max)] }];
    case 'add':
      return [{ type: 'Add', inputs }];
    case 'concat':
      return [{ type: 'Concat', inputs, attributes: { axis: int(1) } }];
    case 'max-pool':
      return [{ type: 'MaxPool', inputs, attributes: windowAttributes(layer) }];
    case 'average-pool':
      // Padding is left out of the count unless the node asks for it.
      return [{ type: 'AveragePool', inputs, attributes: windowAttributes(layer) }];
    case 'global-average-pool': {
      const output = unused(`${layer.name}.images`);
      return [
        { type: 'GlobalAveragePool', inputs, output },
        { type: 'Flatten', inputs: [output], attributes: { axis: int(1) } },
      ];
    }
    case 'dense': {
      const weights = constant(`${layer.name}.weight`, layer.weights);
      return [{ type: 'Gemm', inputs: [...inputs, weights, constant(`${layer.name}.bias`, layer.bias)] }];
    }
  }
}

const int = (value: number): AttributeValue => ({ type: 'int', value });
const ints = (value: readonly number[]): AttributeValue => ({ type: 'ints', value });

function windowAttributes({ kernel, stride, padding }: Record<'kernel' | 'stride' | 'padding', number>) {
  return {
    kernel_shape: ints([kernel, kernel]),
    strides: ints([stride, stride]),
    pads: ints([padding, padding, padding, padding]),
  };
}
