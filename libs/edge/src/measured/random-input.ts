/** Values in -1..1 from a fixed seed (an LCG; Numerical Recipes): every measurement sees the same batch. */
export function randomInput(size: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
