import { deriveChannelGroups, type ChannelGroup, type Network, type Widths } from '#network';
import { descendingOrder, type SoftMask } from './mask.js';
import { macCounter } from './count-macs.js';
import type { TrainFamilyOptions } from './training-options.js';
import { budgetSearch, constrainedWidth, type WidthConstraints } from './width-constraints.js';

/** What one ratio keeps of the soft mask's channels. */
export interface ThresholdSolution {
  readonly ratio: number;
  /**
   * Halfway between the last channel that the budget allows and the first that it does not, in mask value; below the
   * lowest value where all are kept and at the highest where only `minChannels` are. It orders and explains; the
   * widths are what counts, since ties and rounding are resolved there.
   */
  readonly threshold: number;
  readonly widths: Widths;
  /** 1 for a kept channel, 0 for a removed one, by group, in the mask's channel order. */
  readonly keep: Readonly<Record<string, Float32Array>>;
}

export interface ThresholdOptions extends WidthConstraints {
  /** A channel's value is divided by its relative MACs to this power before groups are compared; default 0. */
  readonly costExponent?: number | undefined;
}

/** What a training's thresholds are solved with; uniform widths know no cost. */
export const thresholdOptions = ({
  method,
  minChannels,
  channelMultiple,
  costExponent,
}: TrainFamilyOptions): ThresholdOptions => ({
  ...{ minChannels, channelMultiple },
  costExponent: method === 'uniform-slimmable' ? 0 : costExponent,
});

interface RankedChannel {
  readonly value: number;
  readonly group: number;
  /** How many channels of its group rank before it, as a share of the group. */
  readonly place: number;
}

/**
 * Solves the switchable threshold of every ratio for one soft mask. All channels of all groups stand in one order of
 * descending mask value; a ratio keeps the longest prefix whose MACs meet (1 - ratio) x dense, after every group was
 * brought to its minimum and rounded up. Equal values of one group are ordered by channel, those of several groups by
 * the share of the group before them, so that a mask without any spread gives uniform widths, then by group. Subnets are nested, and ratios so close that no channel lies
 * between them give the same subnet.
 * @throws UnreachableRatioError when the constraints leave more MACs than the budget; RangeError on a bad mask,
 * ratio or constraint.
 */
export function solveThresholds(
  network: Network,
  mask: SoftMask,
  ratios: readonly number[],
  constraints: ThresholdOptions,
): ThresholdSolution[] {
  const solve = thresholdSolver(network, constraints);
  return ratios.map((ratio) => solve(mask, ratio));
}

/** `solveThresholds` for many masks of one network, one ratio at a time. */
export function thresholdSolver(
  network: Network,
  constraints: ThresholdOptions,
): (mask: SoftMask, ratio: number) => ThresholdSolution {
  const { groups } = deriveChannelGroups(network);
  const search = budgetSearch(network, constraints);
  const weights = groupWeights(network, groups, constraints.costExponent ?? 0);
  return (mask, ratio) => {
    const ranked = rankChannels(groups, mask, weights);
    const widthsAt = (prefix: number): Widths => {
      const counts = groups.map(() => 0);
      for (let i = 0; i < prefix; i++) counts[ranked[i]!.group]!++;
      return Object.fromEntries(
        groups.map((group, index) => [group.name, constrainedWidth(counts[index]!, group, constraints)]),
      );
    };
    const prefix = search(ratio, ranked.length, widthsAt);
    const widths = widthsAt(prefix);
    return { ratio, threshold: thresholdAfter(ranked, prefix), widths, keep: keptChannels(mask, widths) };
  };
}

/** For every group 1 at its `widths` highest mask values, 0 elsewhere. */
function keptChannels(mask: SoftMask, widths: Widths): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(descendingOrder(mask)).map(([group, order]) => {
      const keep = new Float32Array(order.length);
      for (const channel of order.slice(0, widths[group])) keep[channel] = 1;
      return [group, keep];
    }),
  );
}

function groupWeights(network: Network, groups: readonly ChannelGroup[], exponent: number): number[] {
  const macsOf = macCounter(network);
  const dense = Object.fromEntries(groups.map(({ name, channels }) => [name, channels]));
  const costs = groups.map(
    ({ name, channels }) => macsOf(dense) - macsOf({ ...dense, [name]: channels - 1 }),
  );
  const total = groups.reduce((sum, { channels }) => sum + channels, 0);
  const mean = costs.reduce((sum, cost, i) => sum + cost * groups[i]!.channels, 0) / total;
  return costs.map((cost) => (mean / cost) ** exponent);
}

function rankChannels(
  groups: readonly ChannelGroup[],
  mask: SoftMask,
  weights: readonly number[],
): RankedChannel[] {
  const channels = groups.flatMap((group, index) => {
    const values = checkedMask(group, mask[group.name]);
    const ranked = Array.from(values).sort((a, b) => b - a);
    const weight = weights[index]!;
    return ranked.map((value, rank) => ({
      value: value > 0 ? value * weight : value / weight,
      group: index,
      place: rank / group.channels,
    }));
  });
  return channels.sort((a, b) => b.value - a.value || a.place - b.place || a.group - b.group);
}

function checkedMask(group: ChannelGroup, values: Float32Array | undefined): Float32Array {
  const found =
    values?.length !== group.channels ? `${values?.length ?? 0} values` : values.find((v) => !isFinite(v));
  if (values && found === undefined) return values;
  throw new RangeError(
    `mask of group "${group.name}": expected ${group.channels} finite values, got ${found}`,
  );
}

function thresholdAfter(ranked: readonly RankedChannel[], prefix: number): number {
  const last = ranked[prefix - 1]?.value;
  const first = ranked[prefix]?.value;
  if (last === undefined) return first!;
  return first === undefined ? last - 1 : (last + first) / 2;
}
