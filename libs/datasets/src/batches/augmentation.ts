/** What varies a training image from epoch to epoch; nothing where it is empty. */
export interface Augmentation {
  /** Black pixels put around an image on every side, before it is cut to its size again at a random place. */
  readonly crop?: number | undefined;
  /** Whether every second image, by chance, is mirrored left to right. */
  readonly flip?: boolean | undefined;
}

/** Where an image's pixels are taken from. */
export interface Placement {
  /** Row and column of the image that come to the upper left corner; outside of it there is black. */
  readonly row: number;
  readonly column: number;
  readonly mirrored: boolean;
}

export const UNMOVED: Placement = { row: 0, column: 0, mirrored: false };

/**
 * The placement of an image in an epoch. It depends on seed, epoch and image alone: not on the order of the images,
 * nor on who else is drawn.
 */
export function drawPlacement(
  { crop = 0, flip = false }: Augmentation,
  where: { readonly seed: number; readonly epoch: number; readonly image: number },
): Placement {
  const key = mixed(mixed(mixed(where.seed) ^ where.epoch) ^ where.image);
  const draw = (n: number) => mixed(key + Math.imul(n, GOLDEN)) / 2 ** 32;
  const offset = (n: number) => Math.floor(draw(n) * (2 * crop + 1)) - crop;
  return { row: offset(1), column: offset(2), mirrored: flip && draw(3) < 0.5 };
}

/** 2^32 over the golden ratio: its multiples are far apart in every bit. */
const GOLDEN = 0x9e3779b9;

/** A bijection of 32-bit numbers in which every input bit changes every output bit half of the time (MurmurHash3's). */
function mixed(value: number): number {
  let bits = (value + GOLDEN) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
