/** How far two executors' losses may be apart, as a share of the loss. */
const TOLERANCE = { firstSteps: 1e-4, lastStep: 1e-3 };
const FIRST_STEPS = 5;

/** Expects the losses of every step to agree, tightly over the first five and in the last one. */
export function expectSameLosses(losses: readonly number[], expected: readonly number[]): void {
  expect(losses).toHaveLength(expected.length);
  const differences = expected.map((loss, step) => Math.abs(losses[step]! - loss) / loss);
  expect(Math.max(...differences.slice(0, FIRST_STEPS))).toBeLessThanOrEqual(TOLERANCE.firstSteps);
  expect(differences.at(-1)).toBeLessThanOrEqual(TOLERANCE.lastStep);
}
