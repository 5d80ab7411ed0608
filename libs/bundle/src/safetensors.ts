/**
 * The safetensors layout (github.com/huggingface/safetensors, "Format"), float32 only: 8 bytes little-endian header
 * length, a JSON header padded with spaces so that the data begin 8-aligned, then the tensors without gaps.
 */
import { sizeOf, type Tensor } from '#graph';
import { BundleError } from './bundle-error.js';
import { bytesOf, floatsOf } from './float-bytes.js';

export interface SafetensorsFile {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** The header's `__metadata__`: strings alone, as the format wants. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A file's header, and its data still as bytes. */
export interface SafetensorsParts {
  readonly metadata: Readonly<Record<string, string>>;
  /** Name and description of every tensor as the header has them, in its order. */
  readonly entries: readonly (readonly [name: string, entry: unknown])[];
  readonly data: Uint8Array;
}

interface TensorEntry {
  readonly dtype: 'F32';
  readonly shape: readonly number[];
  /** First byte and the one behind the last, from the beginning of the data. */
  readonly data_offsets: readonly [number, number];
}

const LENGTH_BYTES = 8;
const FLOAT_BYTES = 4;
const METADATA = '__metadata__';
/** A header is parsed in whole, so a file may not have one of any length. */
const MAX_HEADER_BYTES = 16 * 1024 ** 2;
/** Behind so many bytes come the data of every file. */
export const MOST_START_BYTES = LENGTH_BYTES + MAX_HEADER_BYTES;

export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array {
  const entries: Record<string, unknown> = { [METADATA]: metadata };
  let dataBytes = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const begin = dataBytes;
    dataBytes += data.length * FLOAT_BYTES;
    entries[name] = { dtype: 'F32', shape, data_offsets: [begin, dataBytes] };
  }
  const json = new TextEncoder().encode(JSON.stringify(entries));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + dataBytes).fill(0x20, LENGTH_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerBytes;
  for (const { data } of Object.values(tensors)) {
    bytes.set(bytesOf(data), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/** Where a file's header ends, by what the file begins with; undefined for less than 8 bytes. */
export function headerEnd(bytes: Uint8Array): number | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return LENGTH_BYTES + Number(view.getBigUint64(0, true));
}

/** @throws BundleError for a header that is longer than its file, or than any may be */
export function checkHeaderEnd(end: number | undefined, fileBytes: number): asserts end is number {
  if (end === undefined) throw new BundleError(`${fileBytes} bytes are too few for a safetensors file`);
  if (end > fileBytes) {
    throw new BundleError(`the header should end at byte ${end}, but the file has ${fileBytes} bytes`);
  }
  if (end <= MOST_START_BYTES) return;
  const headerBytes = end - LENGTH_BYTES;
  throw new BundleError(`the header has ${headerBytes} bytes, expected at most ${MAX_HEADER_BYTES}`);
}

/** @throws BundleError when the bytes end before the header does, or it is no safetensors header. */
export function splitSafetensors(bytes: Uint8Array): SafetensorsParts {
  const begin = headerEnd(bytes);
  checkHeaderEnd(begin, bytes.length);
  const { [METADATA]: metadata = {}, ...entries } = parseHeader(bytes.subarray(LENGTH_BYTES, begin));
  return { metadata: checkedTexts(metadata), entries: Object.entries(entries), data: bytes.subarray(begin) };
}

/**
 * @param floats makes values of a tensor's bytes
 * @throws BundleError when the data end early, go on behind the last tensor or hold something other than float32.
 */
export function tensorsOf({ entries, data }: SafetensorsParts, floats = floatsOf): Record<string, Tensor> {
  const tensors = placesOf(entries, data.byteLength).map(({ name, shape, begin, end }) => {
    return [name, { shape, data: floats(data.subarray(begin, end)) }] as const;
  });
  // Defines "__proto__" like any other name, which an assignment would not.
  return Object.fromEntries(tensors);
}

/** A tensor's place in the data: its first byte and the one behind its last. */
export interface TensorPlace {
  readonly name: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * @param dataBytes nothing where it is not known yet where the data end
 * @throws BundleError as `tensorsOf` does
 */
export function placesOf(entries: SafetensorsParts['entries'], dataBytes = Infinity): TensorPlace[] {
  let last = 0;
  const places = entries.map(([name, entry]) => {
    const { shape, data_offsets } = checkedEntry(name, entry, { begin: last, dataBytes });
    const [begin, end] = data_offsets;
    last = end;
    return { name, shape, begin, end };
  });
  if (last === dataBytes || dataBytes === Infinity) return places;
  throw new BundleError(`the tensors end at byte ${last} of the data, expected ${dataBytes}`);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isObject(header)) return header;
  } catch (cause) {
    throw new BundleError('the safetensors header is not JSON', { cause });
  }
  throw new BundleError('the safetensors header is not a JSON object');
}

function checkedTexts(metadata: unknown): Record<string, string> {
  if (isObject(metadata) && Object.values(metadata).every((value) => typeof value === 'string')) {
    return metadata as Record<string, string>;
  }
  throw new BundleError(`${METADATA} holds something else, expected an object of strings`);
}

/** A tensor's description, once its bytes are known to be there: no memory is taken by numbers of the header. */
function checkedEntry(
  name: string,
  entry: unknown,
  place: { readonly begin: number; readonly dataBytes: number },
): TensorEntry {
  const { dtype, shape, data_offsets } = isObject(entry) ? entry : {};
  const [begin, end] = (isIntegers(data_offsets) ? data_offsets : []) as [number?, number?];
  const bytes = isIntegers(shape) ? sizeOf(shape) * FLOAT_BYTES : NaN;
  if (
    isIntegers(shape) &&
    dtype === 'F32' &&
    begin === place.begin &&
    end === begin + bytes &&
    end <= place.dataBytes
  ) {
    return { dtype, shape, data_offsets: [begin, end] };
  }
  const ofAll = place.dataBytes === Infinity ? '' : ` of ${place.dataBytes}`;
  throw new BundleError(
    `tensor "${name}": ${typeof dtype === 'string' ? dtype : JSON.stringify(dtype)} [${isIntegers(shape) ? String(shape) : 'no shape'}] at bytes ` +
      `${String(begin)} to ${String(end)}${ofAll}, expected F32 from byte ${place.begin}, 4 bytes per ` +
      'value, within the file',
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIntegers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
}
