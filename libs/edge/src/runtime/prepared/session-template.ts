import type { SubnetTensor } from '#bundle';
import { freeAtOnce } from '#runtime';
import { moveTensors, wordsOf } from './move-tensors.js';
import { layOut, laidOutSize, WEIGHT_LAYOUTS, type WeightLayout } from './weight-layout.js';

/**
 * What onnxruntime made of a subnet, optimised for this machine, without the subnet's weights: from it and the weights comes
 * what it loads at once, since there is nothing left to do.
 */
export interface SessionTemplate {
  readonly bytes: number;
  /** Everything but weights. */
  readonly pieces: readonly { readonly at: number; readonly bytes: Uint8Array }[];
  readonly weights: readonly PlacedWeights[];
}

interface PlacedWeights {
  readonly path: string;
  /** First byte. */
  readonly at: number;
  readonly layout: WeightLayout;
}

/** A tensor to look for. */
export interface MarkedTensor {
  readonly path: string;
  readonly shape: readonly number[];
  /** Values of which none occurs twice, in this tensor or in another one. */
  readonly marks: Float32Array;
}

const FLOAT_BYTES = 4;
/** From here on bit patterns are numbers that models have no other use for, 131072 and more. */
const FIRST_MARK = 0x48000000;
const LAST_MARK = 0x7f000000;

/** Marks for tensors. @throws RangeError when there are not enough different ones. */
export function markTensors(tensors: readonly Pick<MarkedTensor, 'path' | 'shape'>[]): MarkedTensor[] {
  let next = FIRST_MARK;
  return tensors.map(({ path, shape }) => {
    const marks = new Uint32Array(shape.reduce((a, b) => a * b, 1));
    for (let i = 0; i < marks.length; i++) marks[i] = next++;
    if (next > LAST_MARK) throw new RangeError(`${next - FIRST_MARK} weights, expected fewer`);
    return { path, shape, marks: new Float32Array(marks.buffer) };
  });
}

/**
 * Finds where in a file the tensors lie, and how, and has them begin where kernels read them fastest.
 * @param original what was made of the marked tensors, in onnxruntime's format
 * @throws Error naming a tensor that is not there exactly once in a layout that is known; RangeError for a file in another format
 */
export function templateOf(original: Uint8Array, tensors: readonly MarkedTensor[]): SessionTemplate {
  const words = wordsOf(original);
  const places = firstPlaces(words, tensors);
  const found = tensors.map((tensor) => {
    const [place, ...others] = places.get(tensor.path)!;
    const layout = place === undefined || others.length > 0 ? undefined : layoutAt(words, place, tensor);
    if (!layout) throw new Error(`"${tensor.path}" is not in what onnxruntime made of it in a known layout`);
    const { path, shape } = tensor;
    return { path, at: place! * FLOAT_BYTES, layout, bytes: laidOutSize(layout, shape) * FLOAT_BYTES };
  });
  const { file, starts } = moveTensors(
    original,
    found.map(({ at }) => at),
  );
  const moved = found.map((tensor, index) => ({ ...tensor, at: starts[index]! }));
  const weights = moved.map(({ path, at, layout }) => ({ path, at, layout }));
  return { bytes: file.length, pieces: piecesBetween(file, [...found, ...moved]), weights };
}

/** Where the first value of every tensor lies, which is the first one in every layout. */
function firstPlaces(words: Uint32Array, tensors: readonly MarkedTensor[]): Map<string, number[]> {
  const places = new Map<string, number[]>(tensors.map(({ path }) => [path, []]));
  const pathOf = new Map(
    tensors.map(({ path, marks }) => [new Uint32Array(marks.buffer, marks.byteOffset)[0]!, path]),
  );
  words.forEach((word, place) => {
    if (word < FIRST_MARK || word > LAST_MARK) return;
    const path = pathOf.get(word);
    if (path !== undefined) places.get(path)!.push(place);
  });
  return places;
}

function layoutAt(
  words: Uint32Array,
  place: number,
  { shape, marks }: MarkedTensor,
): WeightLayout | undefined {
  return WEIGHT_LAYOUTS.find((layout) => {
    const expected = new Float32Array(laidOutSize(layout, shape));
    layOut(layout, shape, marks, expected);
    const bits = new Uint32Array(expected.buffer);
    return bits.every((word, i) => word === words[place + i]);
  });
}

/** What lies between weights, and where they were. */
function piecesBetween(
  file: Uint8Array,
  gaps: readonly { readonly at: number; readonly bytes: number }[],
): { at: number; bytes: Uint8Array }[] {
  const pieces: { at: number; bytes: Uint8Array }[] = [];
  let begin = 0;
  const end = { at: file.length, bytes: 0 };
  for (const { at, bytes } of [...gaps.toSorted((a, b) => a.at - b.at), end]) {
    if (at > begin) pieces.push({ at: begin, bytes: Uint8Array.from(file.subarray(begin, at)) });
    begin = at + bytes;
  }
  return pieces;
}

/**
 * What onnxruntime loads: the template with a subnet's weights in their places. Its memory can be resized, which nobody does: such memory
 * begins with a page, and is the system's, whatever the allocator keeps for itself.
 */
export function fillTemplate(
  { bytes, pieces, weights }: SessionTemplate,
  tensors: readonly SubnetTensor[],
): Uint8Array<ArrayBuffer> {
  const filled = new Uint8Array(new ArrayBuffer(bytes, { maxByteLength: bytes }));
  for (const piece of pieces) filled.set(piece.bytes, piece.at);
  const byPath = new Map(tensors.map((tensor) => [tensor.path, tensor]));
  const placed = weights.map((place) => ({ ...place, ...byPath.get(place.path)! }));
  const blocked = placed.filter(({ layout }) => layout.kind !== 'plain');
  // One after the other through the same memory: it stays in the cache.
  const between = new Float32Array(Math.max(0, ...blocked.map(({ size }) => size)));
  for (const { at, layout, shape, size, copy } of placed) {
    const target = new Float32Array(filled.buffer, at, laidOutSize(layout, shape));
    if (layout.kind === 'plain') copy(target);
    else {
      const values = between.subarray(0, size);
      copy(values);
      layOut(layout, shape, values, target);
    }
  }
  freeAtOnce(between.buffer);
  return filled;
}
