import type { Candidate, LatencyRow } from './latency-row.js';
import type { FloorAt } from './latency-floor.js';

/** Why no ratio holds the target at an operating point. */
export interface Miss {
  /**
   * `faster`: the dense network is faster than the target already. `step`: latency falls past it from one ratio to the next.
   * Too slow at the largest ratio: `overhead` or `memory` where most of that latency is work that pruning or the clock does
   * not shorten; `compute` where a larger ratio, once measured, could do.
   */
  readonly bound: 'faster' | 'step' | 'overhead' | 'memory' | 'compute';
  /** Nearest latency that the point can reach, and at which ratio. */
  readonly nearestMs: number;
  readonly nearestRatio: number;
  /** What the fitted curve leaves when all MACs are gone: no ratio gets below it. */
  readonly floorMs: number;
  /** In one sentence. */
  readonly message: string;
}

export interface MissInput {
  readonly row: LatencyRow;
  readonly chosen: Candidate;
  readonly targetMs: number;
  readonly floor: FloorAt;
}

export function explainMiss({ row, chosen, targetMs, floor }: MissInput): Miss {
  const { ratio, ms } = chosen;
  const bound = boundOf(row, chosen, targetMs, floor);
  const reach = `nearest it can reach: ${format(ms)} ms at ratio ${ratio}, target ${format(targetMs)} ms`;
  return {
    ...{ bound, nearestMs: ms, nearestRatio: ratio, floorMs: floor.floorMs },
    message: `${WHY[bound](row.candidates.at(-1)!.ratio, floor)}; ${reach}`,
  };
}

const WHY: Readonly<Record<Miss['bound'], (largest: number, floor: FloorAt) => string>> = {
  faster: () => 'faster than the target without pruning',
  step: () => 'latency falls past the target in one step of the ratio',
  overhead: (largest, { floorMs }) =>
    `too slow up to ratio ${largest}: ${format(floorMs)} ms are overhead that pruning does not remove`,
  memory: (largest, { at }) =>
    `too slow up to ratio ${largest}: ${format(at(largest).memoryMs)} ms of it wait for memory, whatever the core's clock`,
  compute: (largest, { floorMs }) =>
    `too slow up to the largest measured ratio ${largest}; a larger one could come down to ${format(floorMs)} ms`,
};

function boundOf(
  { candidates }: LatencyRow,
  { ratio, ms }: Candidate,
  targetMs: number,
  floor: FloorAt,
): Miss['bound'] {
  if (ms < targetMs) return ratio === 0 ? 'faster' : 'step';
  const slowest = Math.min(...candidates.map((candidate) => candidate.ms));
  if (slowest < targetMs) return 'step';
  const { overheadMs, memoryMs, computeMs } = floor.at(candidates.at(-1)!.ratio);
  if (overheadMs >= Math.max(memoryMs, computeMs)) return 'overhead';
  return memoryMs >= computeMs ? 'memory' : 'compute';
}

const format = (ms: number): string => String(Number(ms.toPrecision(4)));
