import type { ImageShape } from '#network';
import { ChannelHistograms, type ChannelStatistics } from '../channel-statistics.js';
import type { Pixels } from '../dataset.js';
import { DatasetError } from '../dataset-error.js';
import { readContent, type StoredBytes } from '../read-content.js';
import { IdxReader, type IdxContent } from './idx-reader.js';
import { idxHeaderBytes, MAX_IMAGE_BYTES } from './idx-format.js';

export interface IdxImages extends StoredBytes, ChannelStatistics {
  readonly pixels: Pixels;
  readonly count: number;
  readonly shape: ImageShape;
}

export interface IdxLabels extends StoredBytes {
  /** `[count]`. */
  readonly labels: Uint8Array;
  /** Byte offset of the first label in the (uncompressed) file, for error messages. */
  readonly firstLabelOffset: number;
}

/** More bytes are refused when the header is read: no such dataset is meant, so the header is wrong. */
const IMAGES = { ranks: [3, 4], maxBytes: MAX_IMAGE_BYTES };
const LABELS = { ranks: [1], maxBytes: 2 ** 31 - 1 };

/** More pixels than this stay in their file and are read image by image. */
const MAX_HELD_BYTES = 2 ** 30;

/**
 * Reads IDX images, `[count, height, width]` or `[count, channels, height, width]`, plain or gzip.
 * @param maxHeldBytes images of more bytes than this stay in their file
 * @throws DatasetError naming the file and the byte offset (within the uncompressed content) of what is wrong.
 */
export async function readIdxImages(file: string, maxHeldBytes = MAX_HELD_BYTES): Promise<IdxImages> {
  const sink = new ImageSink(maxHeldBytes);
  const reader = new IdxReader(file, IMAGES, sink);
  const { digest, bytes } = await readContent(file, (chunk, compressed) => {
    reader.take(chunk);
    // Told by the header: the rest is not unpacked.
    if (!compressed || sink.bytes <= maxHeldBytes) return;
    const detail = `unpacked it has ${sink.bytes} bytes, more than the ${maxHeldBytes} that are held in memory`;
    throw new DatasetError(`${detail}: store it unpacked`, { file });
  });
  reader.finish();
  const offset = idxHeaderBytes(sink.rank);
  const pixels: Pixels = sink.held ? { kind: 'held', bytes: sink.held } : { kind: 'file', file, offset };
  return { digest, bytes, ...sink.statistics(), pixels, count: sink.count, shape: sink.shape };
}

/**
 * Reads IDX labels, `[count]`, plain or gzip.
 * @throws DatasetError as {@link readIdxImages} does.
 */
export async function readIdxLabels(file: string): Promise<IdxLabels> {
  let labels = new Uint8Array(0);
  let filled = 0;
  const reader = new IdxReader(file, LABELS, {
    begin: (_dimensions, bytes) => (labels = new Uint8Array(bytes)),
    take: (chunk) => {
      labels.set(chunk, filled);
      filled += chunk.length;
    },
  });
  const { digest, bytes } = await readContent(file, (chunk) => reader.take(chunk));
  reader.finish();
  return { digest, bytes, labels, firstLabelOffset: idxHeaderBytes(1) };
}

/** Counts the pixels' values, and holds the pixels unless they are too many. */
class ImageSink implements IdxContent {
  rank = 0;
  count = 0;
  bytes = 0;
  shape: ImageShape = { channels: 0, height: 0, width: 0 };
  held: Uint8Array | undefined;
  #filled = 0;
  #histograms = new ChannelHistograms(this.shape);

  constructor(private readonly maxHeldBytes: number) {}

  begin(dimensions: readonly number[], bytes: number): void {
    const [count, ...image] = dimensions as [number, ...number[]];
    const [channels, height, width] = (image.length === 2 ? [1, ...image] : image) as [
      number,
      number,
      number,
    ];
    this.rank = dimensions.length;
    this.count = count;
    this.bytes = bytes;
    this.shape = { channels, height, width };
    this.#histograms = new ChannelHistograms(this.shape);
    if (bytes <= this.maxHeldBytes) this.held = new Uint8Array(new SharedArrayBuffer(bytes));
  }

  take(chunk: Uint8Array): void {
    this.#histograms.add(chunk);
    this.held?.set(chunk, this.#filled);
    this.#filled += chunk.length;
  }

  statistics(): ChannelStatistics {
    return this.#histograms.statistics();
  }
}
