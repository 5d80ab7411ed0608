import { deriveChannelGroups, type Network, type Widths } from '#network';
import { budgetSearch, constrainedWidth, type WidthConstraints } from './width-constraints.js';

/**
 * Widths that keep the same share of every group (rounded down, then made to obey the constraints): the largest share
 * whose MACs meet the ratio's budget. Stands for learned widths where there is no mask yet, as when a device is measured.
 * @throws UnreachableRatioError when the constraints leave more MACs than the budget; RangeError on a bad ratio or
 * constraint.
 */
export function solveUniformWidths(network: Network, ratio: number, constraints: WidthConstraints): Widths {
  const { groups } = deriveChannelGroups(network);
  const steps = groups.flatMap(({ channels }) =>
    Array.from({ length: channels }, (_, i) => (i + 1) / channels),
  );
  const shares = [0, ...new Set(steps)].sort((a, b) => a - b);
  const widthsAt = (candidate: number): Widths =>
    Object.fromEntries(
      groups.map((group) => {
        // Shares are fractions of integers: the margin undoes their rounding, it never adds a channel.
        const kept = Math.floor(shares[candidate]! * group.channels + 1e-6);
        return [group.name, constrainedWidth(kept, group, constraints)];
      }),
    );
  return widthsAt(budgetSearch(network, constraints)(ratio, shares.length - 1, widthsAt));
}
