import { SubnetCutter, type FoldedSubnet } from '#pruning';
import type { Bundle } from '../read-bundle.js';
import { bytesOf } from '../float-bytes.js';
import { encodeSubnet, type ExportOnnxOptions } from './export-onnx.js';
import { plainNetworkOf } from './plain-network.js';

/** What a session of onnxruntime is made from: the weights are beside the model, not in it. */
export interface SubnetModel {
  /** ONNX as `exportOnnx` writes it, but that weights have locations. */
  readonly model: Uint8Array;
  /** Little-endian float32 by location, onnxruntime's `externalData`. */
  readonly weights: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** What `weights` took beside the bundle; it may be given back once a session is made of them, which copies. */
  readonly memory: ArrayBuffer;
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
    const model = this.#encoded.get(ratio) ?? encodeWithout(subnet, this.#batch);
    this.#encoded.set(ratio, model);
    const weights = Object.entries(subnet.parameters).map(([path, { data }]) => ({
      path,
      data: bytesOf(data),
    }));
    return { model, weights, memory: subnet.memory };
  }
}

function encodeWithout(subnet: FoldedSubnet, batch: ExportOnnxOptions['batch']): Uint8Array {
  const locations = new Map(Object.entries(subnet.parameters).map(([name, { data }]) => [data, name]));
  return encodeSubnet(subnet, plainNetworkOf(subnet), { batch, locationOf: (data) => locations.get(data) });
}
