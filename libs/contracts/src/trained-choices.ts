import type { Calibration } from './calibrations.js';

/** What an operating point runs of the ratios that a job with the calibration trains. */
export interface TrainedChoice {
  readonly operatingPoint: string;
  readonly ratio: number;
  /** By the calibration. */
  readonly feasible: boolean;
}

/** By operating point: the calibration's choice where that is trained, else what it was merged to. */
export function trainedChoices({
  choices,
  merged,
  ratios,
}: Pick<Calibration, 'choices' | 'merged' | 'ratios'>): TrainedChoice[] {
  return choices.map(({ operatingPoint, ratio, feasible }, i) => {
    // Calibrations of the first version had all chosen ratios trained, merged or not.
    if (merged === undefined || ratios.includes(ratio)) return { operatingPoint, ratio, feasible };
    const { ratio: mergedTo, feasible: isHeld = feasible } = merged.choices[i]!;
    return { operatingPoint, ratio: mergedTo, feasible: isHeld };
  });
}
