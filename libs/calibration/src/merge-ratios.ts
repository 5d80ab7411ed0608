import type { LatencyRow } from './latency-row.js';
import { stabilityOf, type Stability } from './stability.js';

/** What is trained when there may be only so many ratios. */
export interface MergedRatios {
  /** 0 among them, ascending. */
  ratios: number[];
  /** By operating point, in their order: the trained ratio that it runs, and what that is expected to take. */
  choices: { operatingPoint: string; ratio: number; predictedMs: number }[];
  /** Over the operating points, beside that of the calibration's own choices. */
  stability: Stability;
}

interface Choice {
  readonly operatingPoint: string;
  readonly ratio: number;
}

export interface MergeOptions {
  readonly targetMs: number;
  readonly maxTrainedRatios: number;
}

/** One ratio for several points whose choices are neighbours, and the largest distance from the target that it causes. */
interface Cluster {
  readonly ratio: number;
  readonly worst: number;
}

/**
 * Merges the chosen ratios to at most so many, so that the largest relative distance from the target is as small as it can
 * be. 0 is always trained, and points that chose it keep it. Exact, by dynamic programming over the sorted choices, where a
 * cluster takes one of the ratios chosen in it.
 */
export function mergeRatios(
  rows: readonly LatencyRow[],
  choices: readonly Choice[],
  { targetMs, maxTrainedRatios }: MergeOptions,
): MergedRatios {
  const pruned = [...new Set(choices.map(({ ratio }) => ratio).filter((ratio) => ratio > 0))].sort(
    (a, b) => a - b,
  );
  // [chosen ratios, trained ratios]: the worst of the points that chose one and would run the other.
  const worst = pruned.map((chosen) => {
    const points = rows.filter((_, i) => choices[i]!.ratio === chosen);
    return pruned.map((trained) =>
      Math.max(...points.map((row) => Math.abs(Math.log(msAt(row, trained) / targetMs)))),
    );
  });
  const clusterOf = (from: number, to: number): Cluster => {
    const worstAt = (trained: number) => Math.max(...worst.slice(from, to).map((row) => row[trained]!));
    return pruned
      .slice(from, to)
      .map((ratio, i) => ({ ratio, worst: worstAt(from + i) }))
      .reduce((best, each) => (each.worst < best.worst ? each : best));
  };
  const groups = partition(pruned.length, Math.max(maxTrainedRatios - 1, 0), clusterOf);
  const trainedFor = new Map<number, number>([[0, 0]]);
  groups.forEach(({ from, to, ratio }) =>
    pruned.slice(from, to).forEach((each) => trainedFor.set(each, ratio)),
  );
  const merged = choices.map(({ operatingPoint, ratio }, i) => {
    const trained = trainedFor.get(ratio) ?? 0;
    return { operatingPoint, ratio: trained, predictedMs: msAt(rows[i]!, trained) };
  });
  return {
    ratios: [0, ...groups.map(({ ratio }) => ratio)],
    choices: merged,
    stability: stabilityOf(merged.map(({ predictedMs }) => predictedMs)),
  };
}

const msAt = ({ candidates }: LatencyRow, ratio: number): number =>
  candidates.find((candidate) => candidate.ratio === ratio)!.ms;

interface Group extends Cluster {
  readonly from: number;
  readonly to: number;
}

/** Cuts 0..count into at most `most` neighbouring groups with the least worst; none where `most` is 0. */
function partition(count: number, most: number, clusterOf: (from: number, to: number) => Cluster): Group[] {
  let best: (Group[] | undefined)[] = Array.from({ length: count + 1 }, (_, to) =>
    to === 0 ? [] : undefined,
  );
  const worst = (groups: readonly Group[]) => Math.max(0, ...groups.map((group) => group.worst));
  for (let used = 0; used < Math.min(most, count); used++) {
    const before = best;
    best = before.map((kept, to) => {
      let chosen = kept;
      for (const [from, start] of before.slice(0, to).entries()) {
        if (start === undefined) continue;
        const groups = [...start, { from, to, ...clusterOf(from, to) }];
        if (chosen === undefined || worst(groups) < worst(chosen)) chosen = groups;
      }
      return chosen;
    });
  }
  return best[count] ?? [];
}
