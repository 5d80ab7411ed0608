import type { Tensor } from '#graph';
import type { Widths } from '#network';
import { shapeOf, type Axis, type Layout } from './parameters.js';

/** Neighbouring entries. */
interface Run {
  readonly begin: number;
  readonly length: number;
}

/**
 * What a subnet keeps of a tensor: the first channels of every group on every axis. Prepared apart from the copying, since
 * a device copies whenever its clock changes.
 */
export class PrefixSlice {
  readonly shape: readonly number[];
  /** How many values are kept. */
  readonly size: number;
  /** Whether these are the tensor's first ones, side by side, so that nothing has to be copied. */
  readonly isPrefix: boolean;
  readonly #rows: readonly Run[];
  /** Within every row. */
  readonly #runs: readonly Run[];
  readonly #rowSize: number;

  constructor(layout: Layout, widths: Widths) {
    const [rows, ...inner] = layout.axes.map((axis) => keptOf(axis, widths));
    this.#rows = rows!;
    const sizes = shapeOf(layout).slice(1);
    this.#rowSize = product(sizes);
    this.#runs = inner.reduceRight(
      (runs, kept, axis) => within(kept, runs, product(sizes.slice(axis + 1))),
      [{ begin: 0, length: 1 }],
    );
    this.shape = [rows!, ...inner].map(lengthOf);
    this.size = product(this.shape);
    this.isPrefix = this.#rows.length === 1 && this.#takesWholeRows();
  }

  /** Writes the kept values to the beginning of `target`, each row of the first axis times its factor where there are any. */
  copy(source: Float32Array, target: Float32Array, factors?: Float32Array): void {
    if (factors) this.#copyScaled(source, target, factors);
    else if (this.#takesWholeRows()) copyRuns(source, target, this.#rows, this.#rowSize);
    else this.#copyRows(source, target);
  }

  #takesWholeRows(): boolean {
    return this.#runs.length === 1 && this.#runs[0]!.length === this.#rowSize;
  }

  #copyRows(source: Float32Array, target: Float32Array): void {
    const rowLength = lengthOf(this.#runs);
    let next = 0;
    for (const { begin, length } of this.#rows) {
      for (let row = begin; row < begin + length; row++) {
        const values = source.subarray(row * this.#rowSize, (row + 1) * this.#rowSize);
        copyRuns(values, target.subarray(next, (next += rowLength)), this.#runs, 1);
      }
    }
  }

  /** Value by value: filters have few values in a row, and each is multiplied anyway. */
  #copyScaled(source: Float32Array, target: Float32Array, factors: Float32Array): void {
    let next = 0;
    let keptRow = 0;
    for (const rows of this.#rows) {
      for (let row = rows.begin; row < rows.begin + rows.length; row++) {
        const factor = factors[keptRow++]!;
        for (const run of this.#runs) {
          const from = row * this.#rowSize + run.begin;
          for (let i = from; i < from + run.length; i++) target[next++] = source[i]! * factor;
        }
      }
    }
  }
}

/** The leading channels of every tensor that has a layout, as copies. */
export function slicePrefixes(
  tensors: Readonly<Record<string, Tensor>>,
  layouts: readonly Layout[],
  widths: Widths,
): Record<string, Tensor> {
  return Object.fromEntries(
    layouts.map((layout) => {
      const slice = new PrefixSlice(layout, widths);
      const data = new Float32Array(slice.size);
      slice.copy(tensors[layout.name]!.data, data);
      return [layout.name, { shape: slice.shape, data }];
    }),
  );
}

/** The first entries of each of the axis's segments, neighbours in one run. */
function keptOf({ segments }: Axis, widths: Widths): Run[] {
  const runs: Run[] = [];
  let begin = 0;
  for (const { group, size } of segments) {
    addRun(runs, { begin, length: group === undefined ? size : widths[group]! });
    begin += size;
  }
  return runs;
}

/** Runs of an axis whose entries have `size` values each, of which `inner` are kept. */
function within(entries: readonly Run[], inner: readonly Run[], size: number): Run[] {
  const runs: Run[] = [];
  for (const { begin, length } of entries) {
    for (let entry = begin; entry < begin + length; entry++) {
      for (const run of inner) addRun(runs, { begin: entry * size + run.begin, length: run.length });
    }
  }
  return runs;
}

function addRun(runs: Run[], run: Run): void {
  const before = runs.at(-1);
  if (before && before.begin + before.length === run.begin) {
    runs[runs.length - 1] = { begin: before.begin, length: before.length + run.length };
  } else runs.push(run);
}

function copyRuns(source: Float32Array, target: Float32Array, runs: readonly Run[], size: number): void {
  let next = 0;
  for (const { begin, length } of runs) {
    target.set(source.subarray(begin * size, (begin + length) * size), next);
    next += length * size;
  }
}

const lengthOf = (runs: readonly Run[]): number => runs.reduce((sum, { length }) => sum + length, 0);
const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
