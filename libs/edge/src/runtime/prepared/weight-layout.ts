/**
 * How onnxruntime lays out a tensor [out, in, ...taps] for its CPU kernels. Blocks hold 4 to 32 channels, by what the CPU's
 * registers hold, and what is missing in the last one is 0.
 */
export type WeightLayout =
  /** As it is. */
  | { readonly kind: 'plain' }
  /** [out / block, in, taps, block of out] */
  | { readonly kind: 'blocked-out'; readonly block: number }
  /** [out / block, in / block, taps, block of in, block of out] */
  | { readonly kind: 'blocked'; readonly block: number };

const BLOCKS = [4, 8, 16, 32];

/** All that there are, the likely ones first. */
export const WEIGHT_LAYOUTS: readonly WeightLayout[] = [
  { kind: 'plain' },
  ...BLOCKS.flatMap((block): WeightLayout[] => [
    { kind: 'blocked', block },
    { kind: 'blocked-out', block },
  ]),
];

/** How many values a tensor takes, those that are 0 included. */
export function laidOutSize(layout: WeightLayout, shape: readonly number[]): number {
  const [out, within, taps] = sidesOf(shape);
  if (layout.kind === 'plain') return out * within * taps;
  const { block } = layout;
  const padded = (side: number) => Math.ceil(side / block) * block;
  return padded(out) * (layout.kind === 'blocked' ? padded(within) : within) * taps;
}

/** Writes the values [out, in, ...taps] as they are laid out; `target` holds zeros. */
export function layOut(
  layout: WeightLayout,
  shape: readonly number[],
  values: Float32Array,
  target: Float32Array,
): void {
  if (layout.kind === 'plain') return target.set(values);
  const [out, within, taps] = sidesOf(shape);
  const [outBlock, inBlock] = [layout.block, layout.kind === 'blocked' ? layout.block : 1];
  const inBlocks = Math.ceil(within / inBlock);
  let next = 0;
  for (let outFrom = 0; outFrom < out; outFrom += outBlock) {
    const outCount = Math.min(outBlock, out - outFrom);
    for (let block = 0; block < inBlocks; block++) {
      const inCount = Math.min(inBlock, within - block * inBlock);
      for (let tap = 0; tap < taps; tap++) {
        for (let i = 0; i < inCount; i++) {
          let from = (outFrom * within + block * inBlock + i) * taps + tap;
          for (let o = next + i * outBlock; o < next + i * outBlock + outCount; o++) {
            target[o] = values[from]!;
            from += within * taps;
          }
        }
        next += inBlock * outBlock;
      }
    }
  }
}

function sidesOf([out = 1, within = 1, ...taps]: readonly number[]): [
  out: number,
  within: number,
  taps: number,
] {
  return [out, within, taps.reduce((a, b) => a * b, 1)];
}
