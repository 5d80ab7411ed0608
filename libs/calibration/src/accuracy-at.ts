import { CalibrationError } from './calibration-error.js';

/** Accuracy of a trained subnet, in [0, 1]. */
export interface RatioAccuracy {
  readonly ratio: number;
  readonly accuracy: number;
}

/** @throws CalibrationError for none, a value out of range, or ratios that do not ascend */
export function checkAccuracies(accuracies: readonly RatioAccuracy[]): void {
  if (accuracies.length === 0) throw new CalibrationError('accuracies: expected at least one, got none');
  accuracies.forEach(({ ratio, accuracy }, i) => {
    if (!(ratio >= 0 && ratio < 1) || (i > 0 && ratio <= accuracies[i - 1]!.ratio)) {
      throw new CalibrationError(
        `accuracies[${i}].ratio: ${ratio}, expected ascending ratios from 0 to below 1`,
      );
    }
    if (!(accuracy >= 0 && accuracy <= 1)) {
      throw new CalibrationError(`accuracies[${i}].accuracy: ${accuracy}, expected 0 to 1`);
    }
  });
}

/** Linear between the known ratios, the nearest known one's beyond them. */
export function accuracyAt(accuracies: readonly RatioAccuracy[], ratio: number): number {
  const above = accuracies.findIndex((each) => each.ratio >= ratio);
  if (above < 0) return accuracies.at(-1)!.accuracy;
  const high = accuracies[above]!;
  const low = accuracies[above - 1] ?? high;
  if (high.ratio === low.ratio) return high.accuracy;
  return low.accuracy + ((high.accuracy - low.accuracy) * (ratio - low.ratio)) / (high.ratio - low.ratio);
}
