import type { Shape } from '#graph';
import { NCHWC_DOMAIN, type BlockedEmitter } from './blocked-emitter.js';
import { shifted } from './shift.js';

/**
 * Images as rows of whole pixel blocks: rows are filled up with zeros to a width that is a multiple of the block or,
 * when shorter than one, to a power of two, several images then lying side by side in one block.
 */
export interface PixelRows {
  /** Sets of images side by side. */
  readonly groups: number;
  /** Images in a set. */
  readonly abreast: number;
  readonly height: number;
  /** Of one image, filled up. */
  readonly width: number;
  /** Pixel blocks in the rows of a set. */
  readonly blocksPerRow: number;
  /** Pixel blocks in a set. */
  readonly blocks: number;
}

/** Of images [N, C, H, W] in `batch` sets; undefined when those cannot be laid side by side. */
export function pixelRowsOf({ block }: BlockedEmitter, batch: number, shape: Shape): PixelRows | undefined {
  const [, , height, width] = shape as [number, number, number, number];
  const filled =
    width >= block ? Math.ceil(width / block) * block : Math.min(block, 2 ** Math.ceil(Math.log2(width)));
  const abreast = Math.max(1, block / filled);
  if (batch % abreast !== 0) return undefined;
  const blocksPerRow = (filled * abreast) / block;
  return {
    groups: batch / abreast,
    abreast,
    height,
    width: filled,
    blocksPerRow,
    blocks: blocksPerRow * height,
  };
}

export interface PixelTiles {
  /** [groups, pixel blocks, channels, block of pixels] */
  readonly name: string;
  readonly channels: number;
}

/**
 * Blocked images [N, C, H, rows.width] with pixels innermost, as the operator's images [1, pixels, pixel blocks,
 * channels].
 */
export function tilesOfBlocked(
  emitter: BlockedEmitter,
  images: string,
  channels: number,
  rows: PixelRows,
): PixelTiles {
  const { groups, abreast, height, width } = rows;
  const isOneBlock = channels <= emitter.block;
  const depth = isOneBlock ? emitter.block : channels;
  // With one block of channels the blocked layout has channels last already.
  let channelsLast = isOneBlock
    ? images
    : emitter.emit('ReorderOutput', [images], {
        domain: NCHWC_DOMAIN,
        attributes: { channels, channels_last: 1 },
      });
  if (abreast > 1) {
    const sets = emitter.reshape(channelsLast, [groups, abreast, height, width * depth]);
    channelsLast = emitter.transpose(sets, [0, 2, 1, 3]);
  }
  const pixels = height * width * abreast;
  const turned = emitter.emit('ReorderInput', [emitter.reshape(channelsLast, [groups, pixels, depth, 1])], {
    domain: NCHWC_DOMAIN,
  });
  return { name: asImages(emitter, turned, depth, rows), channels: depth };
}

/** The same of plain images [N, C, H, W] with few channels. */
export function tilesOfPlain(
  emitter: BlockedEmitter,
  images: string,
  shape: Shape,
  rows: PixelRows,
): PixelTiles {
  const [batch, channels, height] = shape as [number, number, number, number];
  const filled = emitter.padTo(images, shape, [batch, channels, height, rows.width]);
  const pixels = height * rows.width;
  // Read as [batch, 1, channels, pixels] with the pixels in the place of channels.
  const turned = emitter.emit('ReorderInput', [emitter.reshape(filled, [batch, 1, channels, pixels])], {
    domain: NCHWC_DOMAIN,
    attributes: { channels_last: 1 },
  });
  return { name: asImages(emitter, turned, channels, rows), channels };
}

/**
 * Blocked images with rows filled up to `rows.width`.
 * @param channels whole blocks of them.
 */
export function filledRows(
  emitter: BlockedEmitter,
  images: string,
  channels: number,
  width: number,
  rows: PixelRows,
): string {
  if (width === rows.width) return images;
  return shifted(emitter, images, {
    channels,
    window: [1, 1],
    tap: 0,
    pads: [0, 0, 0, rows.width - width],
  });
}

/**
 * Blocked images [N, O, H, rows.width] as the operator's filters, [O, pixels of a block, pixel blocks, 1] per group.
 * @param channels whole blocks of them.
 */
export function filtersOfBlocked(
  emitter: BlockedEmitter,
  images: string,
  channels: number,
  rows: PixelRows,
): string {
  const { block } = emitter;
  const { groups, abreast, height, width } = rows;
  let sets = images;
  if (abreast > 1) {
    const split = emitter.reshape(images, [groups, abreast, (channels / block) * height, width * block]);
    sets = emitter.transpose(split, [0, 2, 1, 3]);
  }
  return emitter.reshape(sets, [groups * channels, block, rows.blocks, 1]);
}

function asImages(emitter: BlockedEmitter, name: string, channels: number, rows: PixelRows): string {
  return emitter.reshape(name, [1, rows.groups * emitter.block, rows.blocks, channels]);
}
