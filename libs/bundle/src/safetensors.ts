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

interface TensorEntry {
  readonly dtype: string;
  readonly shape: number[];
  /** First byte and the one behind the last, from the beginning of the data. */
  readonly data_offsets: [number, number];
}

const LENGTH_BYTES = 8;
const FLOAT_BYTES = 4;
const METADATA = '__metadata__';

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

/** @throws BundleError when the bytes end early, go on behind the last tensor or hold something other than float32. */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, data } = splitFile(bytes);
  const { [METADATA]: metadata = {}, ...entries } = header;
  let end = 0;
  const tensors: Record<string, Tensor> = {};
  for (const [name, entry] of Object.entries(entries as Record<string, TensorEntry>)) {
    tensors[name] = decodeTensor(name, entry, data, end);
    end = entry.data_offsets[1];
  }
  if (end !== data.byteLength) {
    throw new BundleError(`the tensors end at byte ${end} of the data, expected ${data.byteLength}`);
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function splitFile(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < LENGTH_BYTES)
    throw new BundleError(`${bytes.length} bytes are too few for a safetensors file`);
  const begin = LENGTH_BYTES + Number(view.getBigUint64(0, true));
  if (begin > bytes.length) {
    throw new BundleError(`the header should end at byte ${begin}, but the file has ${bytes.length} bytes`);
  }
  return {
    header: parseHeader(bytes.subarray(LENGTH_BYTES, begin)),
    data: bytes.subarray(begin),
  };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null) return header as Record<string, unknown>;
  } catch (cause) {
    throw new BundleError('the safetensors header is not JSON', { cause });
  }
  throw new BundleError('the safetensors header is not a JSON object');
}

function decodeTensor(name: string, entry: TensorEntry, data: Uint8Array, expectedBegin: number): Tensor {
  const { dtype, shape, data_offsets: [begin, end] = [NaN, NaN] } = entry;
  const bytes = Array.isArray(shape) ? sizeOf(shape) * FLOAT_BYTES : NaN;
  if (dtype !== 'F32' || begin !== expectedBegin || end - begin !== bytes || end > data.byteLength) {
    throw new BundleError(
      `tensor "${name}": ${dtype} [${String(shape)}] at bytes ${begin} to ${end} of ${data.byteLength}, expected F32 ` +
        `from byte ${expectedBegin}, 4 bytes per value, within the file`,
    );
  }
  return { shape, data: floatsOf(data.subarray(begin, end)) };
}
