/** Steps that the learning rate takes to rise, unless a tenth of the run is shorter: momentum has no history yet. */
const RISE_STEPS = 50;

/**
 * Factor of the peak learning rate at a step (from 0) of a run: a short linear rise, then half a cosine down to 0
 * over the whole run (Loshchilov & Hutter 2017, without restarts).
 */
export function learningRateFactor(step: number, steps: number): number {
  const rise = Math.min(RISE_STEPS, Math.ceil(steps / 10));
  if (step < rise) return (step + 1) / (rise + 1);
  return 0.5 * (1 + Math.cos((Math.PI * (step - rise)) / (steps - rise)));
}
