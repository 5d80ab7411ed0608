import type { WidthConstraints } from './width-constraints.js';

/** Thrown when even the smallest allowed widths cost more than the ratio's budget. */
export class UnreachableRatioError extends Error {
  override readonly name = 'UnreachableRatioError';
  constructor(
    readonly ratio: number,
    /** The largest ratio that the constraints allow. */
    readonly largestReachable: number,
    constraints: WidthConstraints,
  ) {
    // Rounded down in the text, so that the ratio named there can be had.
    super(
      `pruning ratio ${ratio} is out of reach: with minChannels ${constraints.minChannels} and channelMultiple ` +
        `${constraints.channelMultiple} at most ${Math.floor(largestReachable * 1e4) / 1e4} of the MACs can be removed`,
    );
  }
}
