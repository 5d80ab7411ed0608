import type { Calibration } from './calibrations.js';

/** The ratio that a job with this calibration trains for each operating point: the merged one, where it was to train fewer. */
export function trainedChoices({
  choices,
  merged,
}: Pick<Calibration, 'choices' | 'merged'>): { operatingPoint: string; ratio: number }[] {
  return (merged?.choices ?? choices).map(({ operatingPoint, ratio }) => ({ operatingPoint, ratio }));
}
