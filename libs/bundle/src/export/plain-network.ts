import type { Tensor } from '#graph';
import { INPUT, deriveShapes, groupCountOf, inputsOf, type Layer, type Shapes } from '#network';
import {
  biasName,
  foldBatchNorm,
  weightName,
  type BatchNormValues,
  type FoldedSubnet,
  type Subnet,
} from '#pruning';

/** What becomes of BatchNorm in an exported network. */
export type BatchNormForm =
  /** Where it can be, part of the filters before it and a bias; a layer of its own elsewhere. */
  | 'folded'
  /** A layer of its own everywhere. */
  | 'kept';

interface Placed {
  readonly name: string;
  readonly inputs: readonly string[];
}

interface Windows {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

export interface PlainConv extends Placed, Windows {
  readonly kind: 'conv';
  /** [out, in / groups, k, k] */
  readonly filters: Tensor;
  readonly bias: Float32Array | undefined;
  readonly dilation: number;
  readonly groups: number;
}

export interface PlainPool extends Placed, Windows {
  readonly kind: 'max-pool' | 'average-pool';
}

interface PlainBatchNorm extends Placed {
  readonly kind: 'batch-norm';
  readonly values: BatchNormValues;
}

interface PlainRelu extends Placed {
  readonly kind: 'relu';
  readonly max: 6 | undefined;
}

interface PlainDense extends Placed {
  readonly kind: 'dense';
  /** [in, out] */
  readonly weights: Tensor;
  readonly bias: Tensor;
}

interface WithoutOptions extends Placed {
  readonly kind: 'add' | 'concat' | 'global-average-pool';
}

/** A layer with its weights, in the form that other runtimes know. */
export type PlainLayer = PlainConv | PlainPool | PlainBatchNorm | PlainRelu | PlainDense | WithoutOptions;

/** A subnet layer by layer, without those that folding made superfluous. */
export interface PlainNetwork {
  /** In execution order; the last one gives the logits. */
  readonly layers: readonly PlainLayer[];
  readonly shapes: Shapes;
}

/** A subnet as a plain dense network: what masks and slices stood for is in the sizes of its layers. */
export function plainNetwork(subnet: Subnet, batchNorm: BatchNormForm): PlainNetwork {
  return plainNetworkOf(
    batchNorm === 'folded' ? { ...subnet, ...foldBatchNorm(subnet) } : { ...subnet, biases: new Map() },
  );
}

/** The same of a subnet whose BatchNorm is folded already, wherever it has a bias. */
export function plainNetworkOf(subnet: FoldedSubnet): PlainNetwork {
  const { network, biases } = subnet;
  const shapes = deriveShapes(network);
  const biasOf = new Map<string, Float32Array>();
  const standsFor = new Map<string, string>();
  for (const layer of network.layers) {
    const bias = biases.get(layer.name);
    if (layer.kind !== 'batch-norm' || !bias) continue;
    biasOf.set(layer.input, bias);
    standsFor.set(layer.name, layer.input);
  }
  const parts = { subnet, shapes, biasOf };
  const layers = network.layers
    .filter(({ name }) => !standsFor.has(name))
    .map((layer) => plainLayer(layer, standsFor, parts));
  return { layers, shapes };
}

interface Parts {
  readonly subnet: Subnet;
  readonly shapes: Shapes;
  readonly biasOf: ReadonlyMap<string, Float32Array>;
}

function plainLayer(
  layer: Layer,
  standsFor: ReadonlyMap<string, string>,
  { subnet, shapes, biasOf }: Parts,
): PlainLayer {
  const { name } = layer;
  const placed = { name, inputs: inputsOf(layer).map((input) => standsFor.get(input) ?? input) };
  switch (layer.kind) {
    case 'conv': {
      const { kind, kernel, stride, padding, dilation = 1 } = layer;
      const groups = groupCountOf(layer, shapes.get(layer.input)!.channels);
      const filters = subnet.parameters[weightName(name)]!;
      const options = { kernel, stride, padding, dilation, groups };
      return { ...placed, kind, filters, bias: biasOf.get(name), ...options };
    }
    case 'batch-norm':
      return { ...placed, kind: layer.kind, values: subnet.batchNorm[name]! };
    case 'relu':
      return { ...placed, kind: layer.kind, max: layer.max };
    case 'dense': {
      const [weights, bias] = [weightName(name), biasName(name)].map((each) => subnet.parameters[each]!);
      return { ...placed, kind: layer.kind, weights: weights!, bias: bias! };
    }
    case 'max-pool':
    case 'average-pool': {
      const { kind, kernel, stride, padding } = layer;
      return { ...placed, kind, kernel, stride, padding };
    }
    default:
      return { ...placed, kind: layer.kind };
  }
}

export const OUTPUT = 'logits';

/** Names of values in an exported file: those of layers wherever they are free, and `input` and `logits` for what goes in and out. */
export class ValueNames {
  readonly #taken = new Set([INPUT, OUTPUT]);
  readonly #ofLayer = new Map([[INPUT, INPUT]]);

  constructor({ layers }: PlainNetwork) {
    for (const { name } of layers) {
      this.#ofLayer.set(name, name === layers.at(-1)!.name ? OUTPUT : this.unused(name));
    }
  }

  of(layer: string): string {
    return this.#ofLayer.get(layer)!;
  }

  /** The name, with as many underscores as make it a new one. */
  unused(name: string): string {
    let free = name;
    while (this.#taken.has(free)) free += '_';
    this.#taken.add(free);
    return free;
  }
}
