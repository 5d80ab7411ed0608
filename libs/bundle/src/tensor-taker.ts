import { formatShape, sameShape, type Tensor } from '#graph';
import { BundleError } from './bundle-error.js';

/** Hands out a file's tensors by name and notices those that nothing asks for. */
export class TensorTaker {
  readonly #left: Map<string, Tensor>;

  constructor(tensors: Readonly<Record<string, Tensor>>) {
    this.#left = new Map(Object.entries(tensors));
  }

  /** @throws BundleError when there is no such tensor, or one of another shape. */
  take(name: string, shape: readonly number[]): Tensor {
    const tensor = this.#left.get(name);
    if (!tensor || !sameShape(tensor.shape, shape)) {
      const found = tensor ? formatShape(tensor.shape) : 'nothing';
      throw new BundleError(`tensor "${name}": expected ${formatShape(shape)}, found ${found}`);
    }
    this.#left.delete(name);
    return tensor;
  }

  /** @throws BundleError when a tensor is left. */
  finish(): void {
    const [superfluous] = this.#left.keys();
    if (superfluous === undefined) return;
    throw new BundleError(`tensor "${superfluous}" belongs to nothing in the manifest`);
  }
}
