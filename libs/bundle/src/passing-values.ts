import type { BundleError } from './bundle-error.js';
import type { TensorPlace } from './safetensors.js';
import { areValuesChecked, ValueCheck } from './tensor-values.js';

interface Passing {
  readonly place: TensorPlace;
  readonly check: ValueCheck;
}

/** Looks at the values of a file's data while they pass, and keeps none of them. */
export class PassingValues {
  readonly #all: ReadonlyMap<string, Passing>;
  /** Those that have not passed whole, the next one last. */
  readonly #left: Passing[];
  #at = 0;

  constructor(places: readonly TensorPlace[]) {
    const checked = places.filter(({ name }) => areValuesChecked(name));
    this.#left = checked.map((place) => ({ place, check: new ValueCheck(place.name, place.shape) }));
    this.#all = new Map(this.#left.map((passing) => [passing.place.name, passing]));
    this.#left.reverse();
  }

  /** The next bytes of the data. */
  add(piece: Uint8Array): void {
    const begin = this.#at;
    this.#at += piece.length;
    for (let passing = this.#left.at(-1); passing !== undefined; passing = this.#left.at(-1)) {
      const { place, check } = passing;
      if (place.begin < this.#at) {
        check.addBytes(piece.subarray(Math.max(0, place.begin - begin), place.end - begin));
      }
      if (place.end > this.#at) return;
      this.#left.pop();
    }
  }

  /** What is wrong with the values of a tensor that has passed. */
  faultOf(name: string): BundleError | undefined {
    return this.#all.get(name)?.check.fault;
  }
}
