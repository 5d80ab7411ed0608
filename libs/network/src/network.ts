/** What a network is: plain data, one entry per layer in execution order. No weights, no tensors, no code. */

/** Size of one image: `[channels, height, width]`. */
export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Name of the pseudo-layer that stands for the network's input. */
export const INPUT = 'input';

export interface ConvLayer {
  readonly kind: 'conv';
  readonly name: string;
  readonly input: string;
  readonly outChannels: number;
  /** Square kernel's side. */
  readonly kernel: number;
  readonly stride: number;
  /** Zeros added on each side. */
  readonly padding: number;
  /** Distance of the kernel's taps; default 1. */
  readonly dilation?: number;
  /**
   * Groups of channels that are convolved apart from each other; default 1. `depthwise` is one group per channel, however
   * many there are: pruning removes a channel of its input together with the same channel of its output. A number ties
   * channels to their place, so nothing that such a convolution reads or writes is ever pruned.
   */
  readonly groups?: number | 'depthwise';
}

export interface BatchNormLayer {
  readonly kind: 'batch-norm';
  readonly name: string;
  readonly input: string;
}

export interface ReluLayer {
  readonly kind: 'relu';
  readonly name: string;
  readonly input: string;
  /** Clips the output there too (ReLU6); no upper limit without it. */
  readonly max?: 6;
}

export interface AddLayer {
  readonly kind: 'add';
  readonly name: string;
  readonly inputs: readonly [string, string];
}

/** The channels of two or more layers of the same image size, side by side. */
export interface ConcatLayer {
  readonly kind: 'concat';
  readonly name: string;
  readonly inputs: readonly string[];
}

/** Square windows. Padding never wins a maximum and is not counted in an average. */
export interface PoolLayer {
  readonly kind: 'max-pool' | 'average-pool';
  readonly name: string;
  readonly input: string;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

export interface GlobalAveragePoolLayer {
  readonly kind: 'global-average-pool';
  readonly name: string;
  readonly input: string;
}

/** Fully connected layer with bias; its input must be a `[channels]` vector: pooled, or of another dense layer. */
export interface DenseLayer {
  readonly kind: 'dense';
  readonly name: string;
  readonly input: string;
  readonly outFeatures: number;
}

export type Layer =
  | ConvLayer
  | BatchNormLayer
  | ReluLayer
  | AddLayer
  | ConcatLayer
  | PoolLayer
  | GlobalAveragePoolLayer
  | DenseLayer;

export interface Network {
  readonly name: string;
  readonly input: ImageShape;
  readonly classes: number;
  /** In execution order: a layer reads only layers before it (or `INPUT`). The last one gives the logits. */
  readonly layers: readonly Layer[];
}

/** Names of the layers that a layer reads. */
export function inputsOf(layer: Layer): readonly string[] {
  return layer.kind === 'add' || layer.kind === 'concat' ? layer.inputs : [layer.input];
}

/** Number of groups of a convolution that reads `inChannels` channels. */
export function groupCountOf(layer: ConvLayer, inChannels: number): number {
  return layer.groups === 'depthwise' ? inChannels : (layer.groups ?? 1);
}

/** Thrown when a network is inconsistent; names the layer and both sides' sizes. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  constructor(
    message: string,
    /** Name of the layer at fault, if it is one layer's. */
    readonly layer?: string,
  ) {
    super(message);
  }
}
