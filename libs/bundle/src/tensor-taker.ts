import { formatShape, sameShape, type Tensor } from '#graph';
import { BundleError } from './bundle-error.js';
import { faultIn } from './tensor-values.js';

/** Hands out a file's tensors by name and notices those that nothing asks for. */
export class TensorTaker {
  readonly #left: Map<string, Tensor>;
  readonly #faultOf: typeof faultIn;

  /** @param faultOf what is wrong with a tensor's values, where something else than these tensors says it */
  constructor(tensors: Readonly<Record<string, Tensor>>, faultOf = faultIn) {
    this.#left = new Map(Object.entries(tensors));
    this.#faultOf = faultOf;
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

  /** A mask or BatchNorm. @throws BundleError as `take` does, and for values that neither may have. */
  takeChecked(name: string, shape: readonly number[]): Tensor {
    const tensor = this.take(name, shape);
    const fault = this.#faultOf(name, tensor);
    if (fault !== undefined) throw fault;
    return tensor;
  }

  /** @throws BundleError when a tensor is left. */
  finish(): void {
    const [superfluous] = this.#left.keys();
    if (superfluous === undefined) return;
    throw new BundleError(`tensor "${superfluous}" belongs to nothing in the manifest`);
  }
}
