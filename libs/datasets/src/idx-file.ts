/** The IDX format of MNIST: a big-endian header of dimensions, then unsigned bytes in row-major order. */
import type { ImageShape } from '#network';
import { DatasetError } from './dataset-error.js';
import { readContent, type StoredBytes } from './read-content.js';

export interface IdxImages extends StoredBytes {
  /** `[count, channels, height, width]`, 0..255. */
  readonly images: Uint8Array;
  readonly count: number;
  readonly shape: ImageShape;
}

export interface IdxLabels extends StoredBytes {
  /** `[count]`. */
  readonly labels: Uint8Array;
  /** Byte offset of the first label in the (uncompressed) file, for error messages. */
  readonly firstLabelOffset: number;
}

const UNSIGNED_BYTE = 0x08;
/** A larger file is refused when its header is read: one buffer must hold it. */
const MAX_CONTENT_BYTES = 2 ** 31 - 1;

/**
 * Reads IDX images, `[count, height, width]` or `[count, channels, height, width]`, plain or gzip.
 * @throws DatasetError naming the file and the byte offset (within the uncompressed content) of what is wrong.
 */
export async function readIdxImages(file: string): Promise<IdxImages> {
  const { content, dimensions, stored } = await readIdx(file, [3, 4]);
  const [count, ...image] = dimensions as [number, ...number[]];
  const [channels, height, width] = (image.length === 2 ? [1, ...image] : image) as [number, number, number];
  return { ...stored, images: content, count, shape: { channels, height, width } };
}

/**
 * Reads IDX labels, `[count]`, plain or gzip.
 * @throws DatasetError as {@link readIdxImages} does.
 */
export async function readIdxLabels(file: string): Promise<IdxLabels> {
  const { content, stored } = await readIdx(file, [1]);
  return { ...stored, labels: content, firstLabelOffset: headerBytes(1) };
}

interface Idx {
  content: Uint8Array;
  dimensions: number[];
  stored: StoredBytes;
}

async function readIdx(file: string, allowedRanks: readonly number[]): Promise<Idx> {
  const reader = new IdxReader(file, allowedRanks);
  const stored = await readContent(file, (chunk) => reader.take(chunk));
  return { ...reader.finish(), stored };
}

const headerBytes = (rank: number) => 4 + 4 * rank;

/** Takes the content in chunks of any size and refuses it at the first byte that cannot be right. */
class IdxReader {
  private header = Buffer.alloc(0);
  private dimensions: number[] | undefined;
  private content = new Uint8Array(0);
  private filled = 0;

  constructor(
    private readonly file: string,
    private readonly allowedRanks: readonly number[],
  ) {}

  take(chunk: Buffer): void {
    if (this.dimensions) return this.append(chunk);
    this.header = Buffer.concat([this.header, chunk]);
    const rank = this.readRank();
    if (rank === undefined || this.header.length < headerBytes(rank)) return;
    this.dimensions = Array.from({ length: rank }, (_, i) => this.header.readUInt32BE(headerBytes(i)));
    this.content = new Uint8Array(this.contentBytes(this.dimensions));
    this.append(this.header.subarray(headerBytes(rank)));
  }

  finish(): { content: Uint8Array; dimensions: number[] } {
    if (!this.dimensions) this.refuse(this.header.length, 'the file ends within the IDX header');
    const missing = this.content.length - this.filled;
    if (missing > 0) {
      const offset = headerBytes(this.dimensions.length) + this.filled;
      this.refuse(
        offset,
        `the file ends ${missing} bytes before the ${this.content.length} its header announces`,
      );
    }
    return { content: this.content, dimensions: this.dimensions };
  }

  private readRank(): number | undefined {
    if (this.header.length < 4) return undefined;
    if (this.header.readUInt16BE(0) !== 0) {
      this.refuse(
        0,
        `expected an IDX file, which begins with 0000, found ${this.header.toString('hex', 0, 2)}`,
      );
    }
    const type = this.header[2]!;
    if (type !== UNSIGNED_BYTE) this.refuse(2, `expected type 08 (unsigned byte), found ${hex(type)}`);
    const rank = this.header[3]!;
    if (!this.allowedRanks.includes(rank)) {
      this.refuse(3, `expected ${this.allowedRanks.join(' or ')} dimensions, found ${rank}`);
    }
    return rank;
  }

  private contentBytes(dimensions: readonly number[]): number {
    const empty = dimensions.indexOf(0);
    if (empty >= 0) this.refuse(headerBytes(empty), `dimension ${empty} is 0, expected at least 1`);
    const bytes = dimensions.reduce((product, size) => product * size, 1);
    if (bytes <= MAX_CONTENT_BYTES) return bytes;
    this.refuse(
      4,
      `the header announces ${dimensions.join(' x ')} bytes, expected at most ${MAX_CONTENT_BYTES}`,
    );
  }

  private append(chunk: Uint8Array): void {
    const surplus = this.filled + chunk.length - this.content.length;
    if (surplus > 0) {
      const offset = headerBytes(this.dimensions!.length) + this.content.length;
      this.refuse(offset, `the file goes on after the ${this.content.length} bytes its header announces`);
    }
    this.content.set(chunk, this.filled);
    this.filled += chunk.length;
  }

  private refuse(byteOffset: number, detail: string): never {
    throw new DatasetError(detail, { file: this.file, byteOffset });
  }
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0');
