/** Where the expected values are all about zero, an error counts as a share of this. */
const SMALLEST_SCALE = 1e-3;

/** Largest difference as a share of the largest expected value; NaN where one is NaN. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, scale] = [0, SMALLEST_SCALE];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return difference / scale;
}
