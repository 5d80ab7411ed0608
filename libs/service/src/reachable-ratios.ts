import { AppError } from '#contracts';
import type { Network, Widths } from '#network';
import { solveUniformWidths, UnreachableRatioError, type WidthConstraints } from '#pruning';

/**
 * Widths of every ratio that keep the same share of every channel group; whether there are any says whether the ratio
 * can be met at all.
 * @param calibrationId of the calibration that the ratios were taken from, if the request named one instead of ratios
 * @throws AppError ratio_unreachable naming the ratio by its place in `ratios`, or `calibrationId`
 */
export function uniformWidths(
  network: Network,
  ratios: readonly number[],
  constraints: WidthConstraints,
  calibrationId?: string,
): Widths[] {
  return ratios.map((ratio, index) => {
    try {
      return solveUniformWidths(network, ratio, constraints);
    } catch (error) {
      throw error instanceof UnreachableRatioError ? unreachable(error, index, calibrationId) : error;
    }
  });
}

function unreachable(error: UnreachableRatioError, index: number, calibrationId?: string): AppError {
  // Rounded down: the bound itself must be reachable.
  const largest = Math.floor(error.largestReachable * 1e4) / 1e4;
  const reachable = `at most ${largest} for this network`;
  const field =
    calibrationId === undefined
      ? { field: `ratios[${index}]`, value: error.ratio, expected: reachable }
      : {
          field: 'calibrationId',
          value: calibrationId,
          expected: `a calibration with ratios of ${reachable}`,
        };
  return new AppError('ratio_unreachable', error.message, { fields: [field], cause: error });
}
