import { AppError } from '#contracts';
import type { Network, Widths } from '#network';
import { solveUniformWidths, UnreachableRatioError, type WidthConstraints } from '#pruning';

type RatioOrigin = { readonly field: string } | { readonly calibrationId: string };

/**
 * Widths of every ratio that keep the same share of every channel group; whether there are any says whether the ratio
 * can be met at all.
 * @param origin where the request has the ratios: in a field, or in the calibration that it names
 * @throws AppError ratio_unreachable naming the ratio by its place in the field, or `calibrationId`
 */
export function uniformWidths(
  network: Network,
  ratios: readonly number[],
  constraints: WidthConstraints,
  origin: RatioOrigin = { field: 'ratios' },
): Widths[] {
  return ratios.map((ratio, index) => {
    try {
      return solveUniformWidths(network, ratio, constraints);
    } catch (error) {
      throw error instanceof UnreachableRatioError ? unreachable(error, index, origin) : error;
    }
  });
}

function unreachable(error: UnreachableRatioError, index: number, origin: RatioOrigin): AppError {
  // Rounded down: the bound itself must be reachable.
  const largest = Math.floor(error.largestReachable * 1e4) / 1e4;
  const reachable = `at most ${largest} for this network`;
  const field =
    'field' in origin
      ? { field: `${origin.field}[${index}]`, value: error.ratio, expected: reachable }
      : {
          field: 'calibrationId',
          value: origin.calibrationId,
          expected: `a calibration with ratios of ${reachable}`,
        };
  return new AppError('ratio_unreachable', error.message, { fields: [field], cause: error });
}
