import { SubnetCutter, type FoldedSubnet, type UncutSubnet } from '#pruning';
import { bytesOf } from '../float-bytes.js';
import type { Bundle } from '../read-bundle.js';
import { encodeSubnet, type ExportOnnxOptions } from './export-onnx.js';
import { plainNetworkOf } from './plain-network.js';

/** What a session of onnxruntime is made from: weights and biases are beside the model, not in it. */
export interface SubnetModel {
  /** ONNX as `exportOnnx` writes it, but that its tensors have locations. */
  readonly model: Uint8Array;
  /** Little-endian float32 by location, onnxruntime's `externalData`. */
  readonly weights: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** What `weights` took beside the bundle; it may be given back once a session is made of them, which copies. */
  readonly memory: ArrayBuffer;
}

/** A tensor of a subnet, by its location, that is written wherever it is wanted. */
export interface SubnetTensor {
  readonly path: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly copy: (target: Float32Array) => void;
}

/**
 * Models of a bundle's subnets one after the other, for a process that switches between them: weights are sliced and folded
 * in one pass, and what is not a weight is encoded once per ratio.
 */
export class SubnetModels {
  readonly #cutter: SubnetCutter;
  readonly #batch: ExportOnnxOptions['batch'];
  readonly #encoded = new Map<number, Uint8Array>();

  /** @param batch images in a run, or `dynamic` for as many as a run brings */
  constructor({ family }: Pick<Bundle, 'family'>, batch: ExportOnnxOptions['batch']) {
    this.#cutter = new SubnetCutter(family);
    this.#batch = batch;
  }

  /** @throws RangeError when the bundle has no such ratio, or the batch is no positive integer. */
  at(ratio: number): SubnetModel {
    const subnet = this.#cutter.cut(ratio);
    const parameters = Object.entries(subnet.parameters).map(([path, { data }]) => ({ path, data }));
    const tensors = [...parameters, ...vectorsOf(subnet)];
    const model = this.#encoded.get(ratio) ?? encodeWithout(subnet, tensors, this.#batch);
    this.#encoded.set(ratio, model);
    const weights = tensors.map(({ path, data }) => ({ path, data: bytesOf(data) }));
    return { model, weights, memory: subnet.memory };
  }

  /**
   * The tensors behind the locations of a ratio's model.
   * @throws RangeError when the bundle has no such ratio.
   */
  tensors(ratio: number): SubnetTensor[] {
    const subnet = this.#cutter.uncut(ratio);
    const weights = subnet.weights.map(({ name, shape, size, copy }) => ({ path: name, shape, size, copy }));
    const vectors = vectorsOf(subnet).map(({ path, data }) => {
      const copy = (target: Float32Array) => target.set(data);
      return { path, shape: [data.length], size: data.length, copy };
    });
    return [...weights, ...vectors];
  }
}

interface Located {
  readonly path: string;
  readonly data: Float32Array;
}

/** What BatchNorm leaves: offsets where it is folded, all of its values elsewhere. */
function vectorsOf({ batchNorm, biases }: Pick<UncutSubnet, 'batchNorm' | 'biases'>): Located[] {
  return Object.entries(batchNorm).flatMap(([layer, { scale, shift, mean, variance }]) => {
    const offset = biases.get(layer);
    const values: Readonly<Record<string, Float32Array>> = offset
      ? { offset }
      : { scale, shift, mean, variance };
    return Object.entries(values).map(([name, data]) => ({ path: `${layer}.${name}`, data }));
  });
}

function encodeWithout(
  subnet: FoldedSubnet,
  tensors: readonly Located[],
  batch: ExportOnnxOptions['batch'],
): Uint8Array {
  const locations = new Map(tensors.map(({ path, data }) => [data, path]));
  return encodeSubnet(subnet, plainNetworkOf(subnet), { batch, locationOf: (data) => locations.get(data) });
}
