import { denseWidths, type Network, type Widths } from '#network';
import { macCounter } from './count-macs.js';
import { UnreachableRatioError } from './unreachable-ratio-error.js';
import { checkConstraints, type WidthConstraints } from './width-constraints.js';

/** A ratio's budget of multiply-accumulates, and what widths cost. */
export interface Budget {
  /** Whether widths stay within the budget. */
  readonly allows: (widths: Widths) => boolean;
  /**
   * The widest of `candidates` (numbered 0 to `count`, ascending in width) that the budget allows, by bisection.
   * @throws UnreachableRatioError when candidate 0 already costs more
   */
  readonly widest: (count: number, widthsAt: (candidate: number) => Widths) => number;
}

/**
 * Prepares the budgets of a network: (1 - ratio) x dense MACs.
 * @throws RangeError on a bad constraint; what it returns throws one on a bad ratio
 */
export function budgetsOf(network: Network, constraints: WidthConstraints): (ratio: number) => Budget {
  checkConstraints(constraints);
  const macsOf = macCounter(network);
  const dense = macsOf(denseWidths(network));
  return (ratio) => {
    if (!(ratio >= 0 && ratio < 1))
      throw new RangeError(`pruning ratio ${ratio}: expected a number in [0, 1)`);
    // A thousandth of one MAC forgives the rounding of a ratio that was itself computed from MACs.
    const budget = (1 - ratio) * dense + 1e-3;
    const allows = (widths: Widths) => macsOf(widths) <= budget;
    const widest = (count: number, widthsAt: (candidate: number) => Widths): number => {
      const smallest = widthsAt(0);
      if (!allows(smallest))
        throw new UnreachableRatioError(ratio, 1 - macsOf(smallest) / dense, constraints);
      let fits = 0;
      let exceeds = count + 1;
      while (exceeds - fits > 1) {
        const middle = (fits + exceeds) >> 1;
        if (allows(widthsAt(middle))) fits = middle;
        else exceeds = middle;
      }
      return fits;
    };
    return { allows, widest };
  };
}
