import type { Shape } from '#graph';

/**
 * How images [N, C, H, W] lie in blocks of channels. Several images of few channels share a block: `fold` images then
 * count as one of `fold * depth` channels, and whatever mixes channels does it with one copy of its filters per image.
 */
export interface BlockedLayout {
  readonly fold: number;
  /** Sets of `fold` images. */
  readonly sets: number;
  /** Channels of one image, with those that fill the block up. */
  readonly depth: number;
}

export function blockedLayout(shape: Shape, block: number): BlockedLayout {
  const [batch, channels] = shape as [number, number];
  let fold = 1;
  while (2 * fold * channels <= block && batch % (2 * fold) === 0) fold *= 2;
  const depth = fold > 1 ? block / fold : Math.ceil(channels / block) * block;
  return { fold, sets: batch / fold, depth };
}

/** Both sides of a convolution, seen with as many images to a set as the side with more of them has. */
export interface Sides {
  readonly fold: number;
  readonly sets: number;
  /** Channels of one image on the filters' input side. */
  readonly ins: number;
  /** Channels of one image on the filters' output side. */
  readonly outs: number;
}

/** @param images what the filters read, or their gradient; plain images have no channels that fill a block up. */
export function sidesOf(images: Shape, outputs: Shape, block: number, plainImages = false): Sides {
  const to = blockedLayout(outputs, block);
  const from = plainImages ? { fold: 1, depth: images[1]! } : blockedLayout(images, block);
  const fold = Math.max(from.fold, to.fold);
  return { fold, sets: images[0]! / fold, ins: from.depth, outs: to.depth };
}
