import { sizeOf, type Shape, type Tensor } from '#graph';

/** Values drawn evenly from a range; the same seed gives the same ones. */
export function randomTensor(shape: Shape, [low, high]: readonly [number, number], seed: number): Tensor {
  let state = Math.imul(seed, 7919);
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  };
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, next) };
}
