/** Steps that the learning rate takes to rise, unless a tenth of the run is shorter: momentum has no history yet. */
const RISE_STEPS = 50;

/** Steps of a run that the rise takes where nobody chose another number. */
export const defaultRiseSteps = (steps: number): number => Math.min(RISE_STEPS, Math.ceil(steps / 10));

/**
 * Factor of the peak learning rate at a step (from 0) of a run: a linear rise over `rise` steps, then half a cosine
 * down to 0 over the rest of the run (Loshchilov & Hutter 2017, without restarts).
 */
export function learningRateFactor(step: number, steps: number, rise = defaultRiseSteps(steps)): number {
  if (step < rise) return (step + 1) / (rise + 1);
  return 0.5 * (1 + Math.cos((Math.PI * (step - rise)) / (steps - rise)));
}
