/**
 * Files in onnxruntime's format are FlatBuffers: an offset leads from a field to its value, a vector's number of bytes stands before them,
 * and a table begins with how far before it the list is of where its fields are.
 * Source: FlatBuffers Internals; onnxruntime/core/flatbuffers/schema/ort.fbs, table Tensor.
 */
const WORD_BYTES = 4;
/** In the list of a Tensor's fields, behind the sizes of list and table, and name, doc_string, dims and data_type. */
const RAW_DATA = 2 * (2 + 4);
/** Sizes of lists and tables of tensors with some to spare: they have 7 fields. */
const MOST_BYTES = 64;
const CACHE_LINE_BYTES = 64;

export interface MovedTensors {
  readonly file: Uint8Array;
  /** First bytes, in the order in which they were given. */
  readonly starts: readonly number[];
}

/**
 * Moves the bytes of tensors behind a file's end, each to the beginning of a cache line. Where they were are zeros.
 * @param starts first bytes of each
 * @throws RangeError for what is not the data of a tensor of the file
 */
export function moveTensors(file: Uint8Array, starts: readonly number[]): MovedTensors {
  const words = wordsOf(file);
  const references = referencesTo(file, words, starts);
  let end = Math.ceil(file.length / CACHE_LINE_BYTES) * CACHE_LINE_BYTES;
  const places = starts.map((start, index) => {
    const bytes = words[start / WORD_BYTES - 1]!;
    const [reference, ...others] = references[index]!;
    if (reference === undefined || others.length > 0) throw new RangeError(`byte ${start} begins no tensor`);
    const movedTo = end + CACHE_LINE_BYTES;
    end = Math.ceil((movedTo + bytes) / CACHE_LINE_BYTES) * CACHE_LINE_BYTES;
    return { start, bytes, reference, movedTo };
  });
  const moved = new Uint8Array(end);
  moved.set(file);
  const view = new DataView(moved.buffer);
  for (const { start, bytes, reference, movedTo } of places) {
    moved.set(file.subarray(start, start + bytes), movedTo);
    moved.fill(0, start, start + bytes);
    view.setUint32(movedTo - WORD_BYTES, bytes, true);
    view.setUint32(reference, movedTo - WORD_BYTES - reference, true);
  }
  return { file: moved, starts: places.map(({ movedTo }) => movedTo) };
}

/** For every tensor where the offsets are that lead to its data. */
function referencesTo(file: Uint8Array, words: Uint32Array, starts: readonly number[]): number[][] {
  const found = starts.map((): number[] => []);
  const indexOf = new Map(starts.map((start, index) => [start - WORD_BYTES, index]));
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  words.forEach((word, i) => {
    const index = indexOf.get(i * WORD_BYTES + word);
    if (index !== undefined && isRawData(view, i * WORD_BYTES)) found[index]!.push(i * WORD_BYTES);
  });
  return found;
}

/** Whether the offset at a place is the field of a tensor that leads to its data. */
function isRawData(view: DataView, place: number): boolean {
  for (let within = WORD_BYTES; within <= Math.min(place, MOST_BYTES); within += WORD_BYTES) {
    const table = place - within;
    const fields = table - view.getInt32(table, true);
    if (fields < 0 || fields + RAW_DATA + 2 > view.byteLength) continue;
    const bytes = view.getUint16(fields, true);
    const hasIt = bytes > RAW_DATA && bytes <= MOST_BYTES;
    if (hasIt && view.getUint16(fields + RAW_DATA, true) === within) return true;
  }
  return false;
}

/** A last part of a word left out. */
export function wordsOf(file: Uint8Array): Uint32Array {
  return new Uint32Array(file.buffer, file.byteOffset, Math.floor(file.length / WORD_BYTES));
}
