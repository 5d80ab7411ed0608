/** Mulberry32: a 32-bit generator, uniform in 0..1; enough for an order of images, and the same on every machine. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The order of `0..count-1` that belongs to a seed and a round (an epoch, say): Fisher-Yates. */
export function seededShuffle(count: number, seed: number, round: number): Uint32Array {
  // An odd multiplier keeps the rounds of one seed apart.
  const random = seededRandom(seed ^ Math.imul(round + 1, 0x9e3779b1));
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}
