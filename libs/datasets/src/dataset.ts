import type { ImageShape } from '#network';
import type { ChannelStatistics } from './channel-statistics.js';
import { DatasetError } from './dataset-error.js';
import type { StoredBytes } from './read-content.js';

/**
 * Pixels `[count, channels, height, width]`, 0..255: held in memory that threads share, or left in an uncompressed
 * file. Plain data, so that a thread can be given it.
 */
export type Pixels =
  | { readonly kind: 'held'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly file: string; readonly offset: number };

export interface LabelledImages {
  readonly pixels: Pixels;
  /** `[count]`, 0..classes-1. */
  readonly labels: Uint8Array;
}

/** What is in a dataset, without the images. */
export interface DatasetDescription {
  readonly input: ImageShape;
  readonly classes: number;
  readonly classNames: readonly string[];
  readonly trainImages: number;
  readonly testImages: number;
  /** Training images per class. */
  readonly classCounts: readonly number[];
  /** By the names that the format gives its files. */
  readonly files: Readonly<Record<string, StoredBytes>>;
  /** SHA-256 over the files' digests in the format's order, joined by newlines. */
  readonly digest: string;
}

export interface ImageDataset extends DatasetDescription, ChannelStatistics {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

/** Labels are bytes. */
export const MAX_CLASSES = 256;

/** Smaller images leave a network with three stages nothing to look at; larger or deeper ones are no such input. */
const LIMITS = { channels: [1, 16], height: [8, 512], width: [8, 512] } as const;

/** @throws DatasetError naming the file when its images are too small or too large */
export function checkInput(input: ImageShape, file: string): void {
  for (const side of ['channels', 'height', 'width'] as const) {
    const [least, most] = LIMITS[side];
    if (input[side] < least || input[side] > most) {
      const detail = `${side} of the images is ${input[side]}, expected ${least} to ${most}`;
      throw new DatasetError(detail, { file });
    }
  }
}

/**
 * Images per class.
 * @throws DatasetError naming the file when there is one class alone, or a class without an image
 */
export function countClasses(labels: Uint8Array, classes: number, file: string): number[] {
  if (classes < 2)
    throw new DatasetError('every training image has label 0, expected at least 2 classes', { file });
  const counts = Array<number>(classes).fill(0);
  for (const label of labels) counts[label]! += 1;
  const missing = Array.from(counts.keys()).filter((label) => counts[label] === 0);
  if (missing.length === 0) return counts;
  const named = missing.slice(0, 5).join(', ') + (missing.length > 5 ? ', …' : '');
  const detail = `no image of class ${named}; labels must be 0 to ${classes - 1} without gaps`;
  throw new DatasetError(detail, { file });
}
