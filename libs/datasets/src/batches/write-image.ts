import type { ImageShape } from '#network';
import type { ChannelStatistics } from '../channel-statistics.js';
import { UNMOVED, type Placement } from './augmentation.js';

/** Writes one image, moved and normalised, into a batch from `offset` on. */
export type ImageWriter = (source: Uint8Array, target: Float32Array, offset: number, at?: Placement) => void;

/** A table of the 256 normalised values per channel keeps the arithmetic out of the loop over the pixels. */
export function imageWriter({ height, width }: ImageShape, { mean, std }: ChannelStatistics): ImageWriter {
  const tables = mean.map((channelMean, c) => {
    // A channel that never changes carries nothing: it becomes 0 everywhere, not infinite.
    const scale = std[c]! > 0 ? 1 / std[c]! : 1;
    return Float32Array.from({ length: 256 }, (_, value) => (value / 255 - channelMean) * scale);
  });
  return (source, target, offset, at = UNMOVED) => {
    tables.forEach((table, c) => {
      for (let y = 0; y < height; y++) {
        const row = offset + (c * height + y) * width;
        const from = y + at.row;
        if (from < 0 || from >= height) target.fill(table[0]!, row, row + width);
        else writeRow(source, (c * height + from) * width, { table, target, row, width, at });
      }
    });
  };
}

interface RowTarget {
  readonly table: Float32Array;
  readonly target: Float32Array;
  readonly row: number;
  readonly width: number;
  readonly at: Placement;
}

/** @param start of the source's row */
function writeRow(source: Uint8Array, start: number, { table, target, row, width, at }: RowTarget): void {
  // Columns of the target, before it is mirrored, that lie within the source.
  const first = Math.max(0, -at.column);
  const end = Math.min(width, width - at.column);
  if (first > 0 || end < width) target.fill(table[0]!, row, row + width);
  const shifted = start + at.column;
  if (at.mirrored) {
    const last = row + width - 1;
    for (let x = first; x < end; x++) target[last - x] = table[source[shifted + x]!]!;
  } else {
    for (let x = first; x < end; x++) target[row + x] = table[source[shifted + x]!]!;
  }
}
