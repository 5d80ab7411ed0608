import { denseWidths, type ChannelGroup, type Network, type Widths } from '#network';
import { macCounter } from './count-macs.js';

/** What every group's kept channels must obey, whatever the ratio. */
export interface WidthConstraints {
  /** Every group keeps at least this many, or all of them where it has fewer. */
  readonly minChannels: number;
  /** Kept channels are rounded up to a multiple of this, or to all of them. */
  readonly channelMultiple: number;
}

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

/** A group's kept channels, made to obey the constraints; never fewer than asked for, monotone in `channels`. */
export function constrainedWidth(
  channels: number,
  group: ChannelGroup,
  constraints: WidthConstraints,
): number {
  const { minChannels, channelMultiple } = constraints;
  const atLeast = Math.max(channels, minChannels);
  return Math.min(group.channels, Math.ceil(atLeast / channelMultiple) * channelMultiple);
}

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
  requirePositiveInteger('minChannels', constraints.minChannels);
  requirePositiveInteger('channelMultiple', constraints.channelMultiple);
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

function requirePositiveInteger(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new RangeError(`${name} ${value}: expected an integer of at least 1`);
}
