import type { Calibration } from './calibrations.js';

/** What an operating point runs of the ratios that a job with the calibration trains. */
export interface TrainedChoice {
  readonly operatingPoint: string;
  readonly ratio: number;
  /** By the calibration. */
  readonly feasible: boolean;
}

/** A cell of trained networks that is to be measured. */
export interface VerificationCell {
  readonly operatingPoint: string;
  readonly ratio: number;
}

type Chosen = Pick<Calibration, 'choices' | 'merged' | 'ratios'>;

/** By operating point: the calibration's choice where that is trained, else what it was merged to. */
export function trainedChoices({ choices, merged, ratios }: Chosen): TrainedChoice[] {
  return choices.map(({ operatingPoint, ratio, feasible }, i) => {
    // Calibrations of the first version had all chosen ratios trained, merged or not.
    if (merged === undefined || ratios.includes(ratio)) return { operatingPoint, ratio, feasible };
    const { ratio: mergedTo, feasible: isHeld = feasible } = merged.choices[i]!;
    return { operatingPoint, ratio: mergedTo, feasible: isHeld };
  });
}

/**
 * What a verification measures first, the dense and the chosen network of every operating point: as few cells as tell how
 * every point does, because what trained widths change is the same everywhere, or nearly so.
 */
export function firstVerificationCells(calibration: Chosen): VerificationCell[] {
  return trainedChoices(calibration).flatMap(({ operatingPoint, ratio }) =>
    [...new Set([0, ratio])].map((measured) => ({ operatingPoint, ratio: measured })),
  );
}
