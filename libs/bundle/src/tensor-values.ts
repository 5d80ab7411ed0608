/** What a reader expects of values, not of their number alone: of masks and BatchNorm, which decide what a subnet is. */
import type { Tensor } from '#graph';
import { BundleError } from './bundle-error.js';
import { floatsOf } from './float-bytes.js';

const MASK = 'mask/';
const BATCH_NORM = 'batchNorm/';
const FLOAT_BYTES = 4;
const NO_BYTES = new Uint8Array(0);

export const maskName = (group: string): string => MASK + group;
export const batchNormName = (member: number): string => `${BATCH_NORM}${member}`;

/** Whether anything is expected of the values of a tensor with this name. */
export const areValuesChecked = (name: string): boolean =>
  name.startsWith(MASK) || name.startsWith(BATCH_NORM);

/** Looks at a tensor's values as they come: all are finite, and none of a mask is larger than the one before it. */
export class ValueCheck {
  readonly #name: string;
  readonly #columns: number;
  readonly #isMask: boolean;
  #count = 0;
  #before = Infinity;
  /** Bytes of a value that has not come whole. */
  #begun = NO_BYTES;
  #fault: BundleError | undefined;

  constructor(name: string, shape: readonly number[]) {
    this.#name = name;
    this.#columns = shape.length > 1 ? shape.at(-1)! : 0;
    this.#isMask = name.startsWith(MASK);
  }

  /** The first value at fault. */
  get fault(): BundleError | undefined {
    return this.#fault;
  }

  add(values: Float32Array): void {
    for (let i = 0; i < values.length && this.#fault === undefined; i++) this.#look(values[i]!);
  }

  /** The same as the bytes of a file, cut anywhere. */
  addBytes(bytes: Uint8Array): void {
    const all = this.#begun.length > 0 ? Buffer.concat([this.#begun, bytes]) : bytes;
    const end = all.length - (all.length % FLOAT_BYTES);
    this.add(floatsOf(all.subarray(0, end)));
    this.#begun = Uint8Array.from(all.subarray(end)); // a copy: whoever reads a file uses its memory again
  }

  #look(value: number): void {
    if (!Number.isFinite(value)) this.#fault = this.#error(value, 'a finite number');
    else if (this.#isMask && value > this.#before) {
      this.#fault = this.#error(value, `at most the ${this.#before} before it`);
    }
    this.#before = value;
    this.#count += 1;
  }

  #error(value: number, expected: string): BundleError {
    const [index, columns] = [this.#count, this.#columns];
    const place = columns > 0 ? `${Math.floor(index / columns)}, ${index % columns}` : String(index);
    return new BundleError(`tensor "${this.#name}": ${value} at [${place}], expected ${expected}`);
  }
}

/** What is wrong with the values of a tensor that is there. */
export function faultIn(name: string, { shape, data }: Tensor): BundleError | undefined {
  const check = new ValueCheck(name, shape);
  check.add(data);
  return check.fault;
}
