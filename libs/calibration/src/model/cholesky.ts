/** A lower triangle [n, n], row by row: entry (i, j) at i (i + 1) / 2 + j. */
export type LowerTriangle = Float64Array<ArrayBuffer>;

const rowStart = (i: number): number => (i * (i + 1)) / 2;

/**
 * Cholesky factor of a symmetric positive definite matrix, in place.
 * @param matrix its lower triangle
 * @throws RangeError where it is not positive definite
 */
export function factorise(matrix: LowerTriangle, n: number): LowerTriangle {
  for (let i = 0; i < n; i++) {
    const rowI = rowStart(i);
    for (let j = 0; j <= i; j++) {
      const rowJ = rowStart(j);
      let sum = matrix[rowI + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[rowI + k]! * matrix[rowJ + k]!;
      if (i !== j) matrix[rowI + j] = sum / matrix[rowJ + j]!;
      else if (sum > 0) matrix[rowI + i] = Math.sqrt(sum);
      else throw new RangeError(`row ${i} of ${n} depends on those before it`);
    }
  }
  return matrix;
}

/** x of L x = b. */
export function solveLower(factor: LowerTriangle, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < x.length; i++) {
    const row = rowStart(i);
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= factor[row + k]! * x[k]!;
    x[i] = sum / factor[row + i]!;
  }
  return x;
}

/** x of Lᵀ x = b. */
export function solveUpper(factor: LowerTriangle, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  for (let i = x.length - 1; i >= 0; i--) {
    const row = rowStart(i);
    x[i] = x[i]! / factor[row + i]!;
    for (let k = 0; k < i; k++) x[k] = x[k]! - factor[row + k]! * x[i]!;
  }
  return x;
}
