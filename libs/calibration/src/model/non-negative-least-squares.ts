const SWEEPS = 500;
const ENOUGH = 1e-9;

/**
 * x >= 0 with the least sum of squares of `rows` x - `values`, by coordinate descent.
 * @param rows [equations, unknowns]
 */
export function nonNegativeLeastSquares(
  rows: readonly (readonly number[])[],
  values: readonly number[],
): number[] {
  const unknowns = rows[0]?.length ?? 0;
  const gram = Array.from({ length: unknowns }, (_, i) =>
    Array.from({ length: unknowns }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
  );
  const moments = Array.from({ length: unknowns }, (_, i) =>
    rows.reduce((sum, row, at) => sum + row[i]! * values[at]!, 0),
  );
  const x = new Array<number>(unknowns).fill(0);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let largestChange = 0;
    for (let i = 0; i < unknowns; i++) {
      const curvature = gram[i]![i]!;
      if (curvature === 0) continue;
      const slope = gram[i]!.reduce((sum, each, j) => sum + each * x[j]!, 0) - moments[i]!;
      const next = Math.max(0, x[i]! - slope / curvature);
      largestChange = Math.max(largestChange, Math.abs(next - x[i]!) * Math.sqrt(curvature));
      x[i] = next;
    }
    if (largestChange < ENOUGH) break;
  }
  return x;
}
