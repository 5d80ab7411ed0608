import { deriveChannelGroups, type ChannelGroup, type Network, type Widths } from '#network';
import { budgetsOf, type Budget } from './budget.js';
import type { SolvedRatio } from './checkpoint.js';
import { descendingOrder, type SoftMask } from './mask.js';
import { channelRanking, type RankedChannel } from './rank-channels.js';
import type { TrainFamilyOptions } from './training-options.js';
import { constrainedWidth, type WidthConstraints } from './width-constraints.js';

/** What one ratio keeps of the soft mask's channels. */
export interface ThresholdSolution {
  readonly ratio: number;
  /**
   * Halfway between the last channel that the budget allows and the first that it does not, in the value that
   * `channelRanking` compares; below the lowest value where all are kept and at the highest where only `minChannels` are.
   * It orders and explains; the widths are what counts, since ties, rounding and the rest of the budget are resolved there.
   */
  readonly threshold: number;
  readonly widths: Widths;
  /** 1 for a kept channel, 0 for a removed one, by group, in the mask's channel order. */
  readonly keep: Readonly<Record<string, Float32Array>>;
}

export interface ThresholdOptions extends WidthConstraints {
  /** A channel's mask value is divided by its relative MACs to this power before groups are compared; default 0. */
  readonly costExponent?: number | undefined;
}

/** What a training's thresholds are solved with; uniform widths know no cost. */
export const thresholdOptions = ({
  method,
  minChannels,
  channelMultiple,
  costExponent,
}: TrainFamilyOptions): ThresholdOptions => ({
  minChannels,
  channelMultiple,
  costExponent: method === 'uniform-slimmable' ? 0 : costExponent,
});

/** Widths of other ratios that a subnet has to lie between. */
export interface Between {
  readonly atLeast?: Widths | undefined;
  readonly atMost?: Widths | undefined;
}

/** Solves one ratio for one mask. @throws as `solveThresholds` does */
export type ThresholdSolver = (mask: SoftMask, ratio: number, between?: Between) => ThresholdSolution;

/**
 * Solves the switchable threshold of every ratio for one soft mask. All channels of all groups stand in one order
 * (`channelRanking`); a ratio keeps the longest prefix whose MACs meet (1 - ratio) x dense, after every group was brought
 * to its minimum and rounded up. What is left of the budget goes to the next channels in that order that still fit, step by
 * step, until no group's does. Subnets are nested, and ratios so close that no channel lies between them give the same subnet.
 * @param ratios ascending
 * @throws UnreachableRatioError when the constraints leave more MACs than the budget; RangeError on a bad mask,
 * ratio or constraint.
 */
export function solveThresholds(
  network: Network,
  mask: SoftMask,
  ratios: readonly number[],
  options: ThresholdOptions,
): ThresholdSolution[] {
  const solve = thresholdSolver(network, options);
  const solutions: ThresholdSolution[] = [];
  // The smallest first: what it got of the rest of its budget is in all larger ones.
  for (const ratio of ratios.toReversed()) {
    solutions.unshift(solve(mask, ratio, { atLeast: solutions[0]?.widths }));
  }
  return solutions;
}

/** What is kept of solutions once the mask is frozen: without the bits. */
export const solvedRatios = (solutions: readonly ThresholdSolution[]): SolvedRatio[] =>
  solutions.map(({ ratio, threshold, widths }) => ({ ratio, threshold, widths }));

/** `solveThresholds` for many masks of one network, one ratio at a time. */
export function thresholdSolver(network: Network, options: ThresholdOptions): ThresholdSolver {
  const { groups } = deriveChannelGroups(network);
  const budgetOf = budgetsOf(network, options);
  const rank = channelRanking(network, options.costExponent ?? 0);
  return (mask, ratio, { atLeast, atMost } = {}) => {
    const budget = budgetOf(ratio);
    const ranked = rank(mask);
    const widthsAt = (prefix: number): Widths => {
      const counts = groups.map(() => 0);
      for (let i = 0; i < prefix; i++) counts[ranked[i]!.group]!++;
      return Object.fromEntries(
        groups.map((group, index) => {
          const width = constrainedWidth(counts[index]!, group, options);
          return [group.name, Math.max(width, atLeast?.[group.name] ?? 0)];
        }),
      );
    };
    const prefix = budget.widest(ranked.length, widthsAt);
    const widths = spendRest(widthsAt(prefix), groupsAfter(ranked, prefix), { budget, atMost, options });
    return { ratio, threshold: thresholdAfter(ranked, prefix), widths, keep: keepBits(mask, widths) };
  };

  /** Groups in the order of their first channels behind a prefix. */
  function groupsAfter(ranked: readonly RankedChannel[], prefix: number): ChannelGroup[] {
    return [...new Set(ranked.slice(prefix).map(({ group }) => group))].map((index) => groups[index]!);
  }
}

/** Gives the groups one more step in turn, as long as the budget allows any. */
function spendRest(
  widths: Widths,
  order: readonly ChannelGroup[],
  { budget, atMost, options }: { budget: Budget; atMost: Widths | undefined; options: WidthConstraints },
): Widths {
  const widerAt = (spent: Widths, group: ChannelGroup): Widths | undefined => {
    const width = constrainedWidth(spent[group.name]! + 1, group, options);
    const wider = { ...spent, [group.name]: width };
    const isWider = width > spent[group.name]! && width <= (atMost?.[group.name] ?? group.channels);
    return isWider && budget.allows(wider) ? wider : undefined;
  };
  let spent = widths;
  let before;
  do {
    before = spent;
    for (const group of order) spent = widerAt(spent, group) ?? spent;
  } while (spent !== before);
  return spent;
}

/** For every group 1 at its `widths` highest mask values, 0 elsewhere. */
function keepBits(mask: SoftMask, widths: Widths): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(descendingOrder(mask)).map(([group, order]) => {
      const keep = new Float32Array(order.length);
      for (const channel of order.slice(0, widths[group])) keep[channel] = 1;
      return [group, keep];
    }),
  );
}

function thresholdAfter(ranked: readonly RankedChannel[], prefix: number): number {
  const last = ranked[prefix - 1]?.value;
  const first = ranked[prefix]?.value;
  if (last === undefined) return first!;
  return first === undefined ? last - 1 : (last + first) / 2;
}
