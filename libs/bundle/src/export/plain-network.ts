import type { Tensor } from '#graph';
import { INPUT, deriveShapes, groupCountOf, inputsOf, type Layer, type Shapes } from '#network';
import { biasName, foldBatchNorm, weightName, type BatchNormValues, type Subnet } from '#pruning';

/** What becomes of BatchNorm in an exported network. */
export type BatchNormForm =
  /** Where it can be, part of the filters before it and a bias; a layer of its own elsewhere. */
  | 'folded'
  /** A layer of its own everywhere. */
  | 'kept';

/** A layer with its weights, in the form that other runtimes know. */
export type PlainLayer = { readonly name: string; readonly inputs: readonly string[] } & (
  | {
      readonly kind: 'conv';
      /** [out, in / groups, k, k] */
      readonly filters: Tensor;
      readonly bias: Float32Array | undefined;
      readonly kernel: number;
      readonly stride: number;
      readonly padding: number;
      readonly dilation: number;
      readonly groups: number;
    }
  | { readonly kind: 'batch-norm'; readonly values: BatchNormValues }
  | { readonly kind: 'relu'; readonly max: 6 | undefined }
  | { readonly kind: 'add' | 'concat' | 'global-average-pool' }
  | {
      readonly kind: 'max-pool' | 'average-pool';
      readonly kernel: number;
      readonly stride: number;
      readonly padding: number;
    }
  | {
      readonly kind: 'dense';
      /** [in, out] */
      readonly weights: Tensor;
      readonly bias: Tensor;
    }
);

/** A subnet layer by layer, without those that folding made superfluous. */
export interface PlainNetwork {
  /** In execution order; the last one gives the logits. */
  readonly layers: readonly PlainLayer[];
  readonly shapes: Shapes;
}

/** A subnet as a plain dense network: what masks and slices stood for is in the sizes of its layers. */
export function plainNetwork(subnet: Subnet, batchNorm: BatchNormForm): PlainNetwork {
  const { network } = subnet;
  const { parameters, biases } =
    batchNorm === 'folded'
      ? foldBatchNorm(subnet)
      : { parameters: subnet.parameters, biases: new Map<string, Float32Array>() };
  const shapes = deriveShapes(network);
  const biasOf = new Map<string, Float32Array>();
  const standsFor = new Map<string, string>();
  for (const layer of network.layers) {
    const bias = biases.get(layer.name);
    if (layer.kind !== 'batch-norm' || !bias) continue;
    biasOf.set(layer.input, bias);
    standsFor.set(layer.name, layer.input);
  }
  const parts = { subnet: { ...subnet, parameters }, shapes, biasOf };
  const layers = network.layers
    .filter(({ name }) => !standsFor.has(name))
    .map((layer) => ({
      ...{ name: layer.name, inputs: inputsOf(layer).map((input) => standsFor.get(input) ?? input) },
      ...withWeights(layer, parts),
    }));
  return { layers, shapes };
}

interface Parts {
  readonly subnet: Subnet;
  readonly shapes: Shapes;
  readonly biasOf: ReadonlyMap<string, Float32Array>;
}

type DistributiveOmit<Union, Keys extends PropertyKey> = Union extends unknown ? Omit<Union, Keys> : never;

function withWeights(
  layer: Layer,
  { subnet, shapes, biasOf }: Parts,
): DistributiveOmit<PlainLayer, 'name' | 'inputs'> {
  switch (layer.kind) {
    case 'conv': {
      const { kind, name, kernel, stride, padding, dilation = 1 } = layer;
      const groups = groupCountOf(layer, shapes.get(layer.input)!.channels);
      const filters = subnet.parameters[weightName(name)]!;
      return { kind, filters, bias: biasOf.get(name), kernel, stride, padding, dilation, groups };
    }
    case 'batch-norm':
      return { kind: layer.kind, values: subnet.batchNorm[layer.name]! };
    case 'relu':
      return { kind: layer.kind, max: layer.max };
    case 'dense': {
      const weights = subnet.parameters[weightName(layer.name)]!;
      return { kind: layer.kind, weights, bias: subnet.parameters[biasName(layer.name)]! };
    }
    case 'max-pool':
    case 'average-pool': {
      const { kind, kernel, stride, padding } = layer;
      return { kind, kernel, stride, padding };
    }
    default:
      return { kind: layer.kind };
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
