import { isMet, type Aim } from './aim.js';
import type { LatencyRow } from './latency-row.js';
import { upperMs } from './model/latency-model.js';
import { stabilityOf, type Stability } from './stability.js';

/** What operating points run when there may be only so many ratios. */
export interface MergedRatios {
  /** 0 among them, ascending. */
  ratios: number[];
  /** By operating point, in their order: the trained ratio that it runs, what that is expected to take, whether it will do. */
  choices: { operatingPoint: string; ratio: number; predictedMs: number; feasible: boolean }[];
  /** Over the operating points, beside that of the calibration's own choices. */
  stability: Stability;
}

interface Choice {
  readonly operatingPoint: string;
  readonly ratio: number;
  readonly feasible: boolean;
}

/** One point: the place of its choice among the ratios, and what each ratio would cost it. */
interface Costs {
  readonly own: number;
  readonly of: readonly number[];
}

/**
 * Merges the chosen ratios to at most so many, 0 among them, so that the largest cost of a point is as small as it can be.
 * A point's cost is its relative distance from the target; of a point that misses the target anyway, how much farther it gets.
 * A point that keeps a deadline is given no ratio that breaks it, unless there are too few for that.
 *
 * For a limit of the cost, the fewest ratios are found from the largest down: exact where the ratios that a point accepts are
 * neighbours, which they are where latency falls with the ratio. The smallest limit is found by halving.
 */
export function mergeRatios(
  rows: readonly LatencyRow[],
  choices: readonly Choice[],
  { aim, maxTrainedRatios }: { readonly aim: Aim; readonly maxTrainedRatios: number },
): MergedRatios {
  const ratios = [...new Set([0, ...choices.map(({ ratio }) => ratio)])].sort((a, b) => a - b);
  const costs = rows.map((row, i) => costsOf(row, choices[i]!, ratios, aim));
  const trained = ratios.length <= maxTrainedRatios ? ratios.keys() : trainedOf(costs, maxTrainedRatios - 1);
  const runs = runsOf(costs, [...trained]);
  const merged = choices.map(({ operatingPoint }, i) => {
    const ratio = ratios[runs[i]!]!;
    const prediction = rows[i]!.predict(ratio);
    return { operatingPoint, ratio, predictedMs: prediction.ms, feasible: isMet(aim, prediction) };
  });
  return {
    ratios: ascending([0, ...runs]).map((index) => ratios[index]!),
    choices: merged,
    stability: stabilityOf(merged.map(({ predictedMs }) => predictedMs)),
  };
}

/** More than any relative distance, as a logarithm. */
const BROKEN = 1e3;

function costsOf(row: LatencyRow, { ratio, feasible }: Choice, ratios: readonly number[], aim: Aim): Costs {
  const distances = ratios.map((each) => {
    const log = Math.log(latencyMs(row, each, aim) / aim.targetMs);
    const breaks = aim.mode === 'deadline' && feasible && log > 0;
    return Math.abs(log) + (breaks ? BROKEN : 0);
  });
  const own = ratios.indexOf(ratio);
  const nearest = distances[own]!;
  return {
    own,
    of: distances.map((distance) =>
      feasible ? Math.max(distance, nearest) : Math.max(distance - nearest, 0),
    ),
  };
}

/** What is held against the target: the median, or under a deadline the end of its interval. */
function latencyMs({ candidates, predict }: LatencyRow, ratio: number, { mode }: Aim): number {
  if (mode === 'deadline') return upperMs(predict(ratio));
  return candidates.find((candidate) => candidate.ratio === ratio)!.ms;
}

/** The ratios to train, as indices: 0 and up to `most` others. */
function trainedOf(costs: readonly Costs[], most: number): number[] {
  const covering = coverAtLeastCost(costs, most);
  const trained = new Set([0, ...recentred(costs, covering)]);
  // What is left goes to the choices that merging costs most.
  while (trained.size <= most) {
    const losses = costs.map(
      ({ own, of }) => Math.min(...[...trained].map((ratio) => of[ratio]!)) - of[own]!,
    );
    const largest = Math.max(...losses);
    if (!(largest > 0)) break;
    trained.add(costs[losses.indexOf(largest)]!.own);
  }
  return ascending([...trained]);
}

function coverAtLeastCost(costs: readonly Costs[], most: number): number[] {
  const least = Math.max(...costs.map(({ of }) => Math.min(...of)));
  const limits = ascending(costs.flatMap(({ of }) => of)).filter((cost) => cost >= least);
  let [low, high] = [0, limits.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (cover(costs, limits[middle]!).length <= most) high = middle;
    else low = middle + 1;
  }
  return cover(costs, limits[low]!);
}

/** Beside 0, the fewest ratios that leave no point a cost above the limit. */
function cover(costs: readonly Costs[], limit: number): number[] {
  const trained: number[] = [];
  let open = costs.filter(({ of }) => of[0]! > limit);
  while (open.length > 0) {
    // One of the points accepts no smaller ratio.
    const next = Math.max(...open.map(({ of }) => of.findIndex((cost) => cost <= limit)));
    trained.push(next);
    open = open.filter(({ of }) => of[next]! > limit);
  }
  return trained;
}

/** For the points that run each of the ratios, the ratio whose largest cost is the least. */
function recentred(costs: readonly Costs[], covering: readonly number[]): number[] {
  const runs = runsOf(costs, [0, ...covering]);
  return covering.map((ratio) => {
    const points = costs.filter((_, i) => runs[i] === ratio);
    const worst = costs[0]!.of.map((_, index) => Math.max(0, ...points.map(({ of }) => of[index]!)));
    return points.length === 0 ? ratio : worst.indexOf(Math.min(...worst));
  });
}

/** By point, which of the trained ratios it runs: its own choice, else the cheapest, of equals the smallest. */
function runsOf(costs: readonly Costs[], trained: readonly number[]): number[] {
  const sorted = ascending(trained);
  return costs.map(({ own, of }) =>
    sorted.includes(own) ? own : sorted.reduce((best, each) => (of[each]! < of[best]! ? each : best)),
  );
}

/** Without duplicates. */
const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
