import { latestMs, type Aim } from './aim.js';
import type { FloorAt } from './latency-floor.js';
import type { Candidate, LatencyRow } from './latency-row.js';
import { upperMs } from './model/latency-model.js';

/** Why no ratio holds the target at an operating point. */
export interface Miss {
  /**
   * `faster`: the dense network is faster than the target already. `step`: latency falls past it from one ratio to the next.
   * `uncertainty`: a latency is expected below the deadline, but its interval ends behind it. Too slow at the largest ratio:
   * `overhead` where what pruning does not shorten is most of that latency or longer than the target by itself; `memory` where
   * most of it does not follow the core's clock; `compute` where a larger ratio could do.
   */
  readonly bound: 'faster' | 'step' | 'uncertainty' | 'overhead' | 'memory' | 'compute';
  /** Nearest latency that the point can reach, and at which ratio. */
  readonly nearestMs: number;
  readonly nearestRatio: number;
  /** What the fitted curve leaves when all MACs are gone, at most what the point itself gets down to: no ratio gets below it. */
  readonly floorMs: number;
  /** In one sentence. */
  readonly message: string;
}

export interface MissInput {
  readonly row: LatencyRow;
  readonly chosen: Candidate;
  readonly aim: Aim;
  readonly floor: FloorAt;
}

export function explainMiss(input: MissInput): Miss {
  const { chosen, aim, row, floor } = input;
  const { ratio, ms } = chosen;
  const bound = boundOf(input);
  const reach = `nearest it can reach: ${format(ms)} ms at ratio ${ratio}, target ${format(aim.targetMs)} ms`;
  return {
    ...{ bound, nearestMs: ms, nearestRatio: ratio, floorMs: reached(floor.floorMs, row) },
    message: `${WHY[bound](input, input.row.candidates.at(-1)!.ratio)}; ${reach}`,
  };
}

const WHY: Readonly<Record<Miss['bound'], (input: MissInput, largest: number) => string>> = {
  faster: () => 'faster than the target without pruning',
  step: () => 'latency falls past the target in one step of the ratio',
  uncertainty: ({ row, chosen }) =>
    `expected in time, but it may take up to ${format(upperMs(row.predict(chosen.ratio)))} ms: more samples here or of ` +
    'neighbouring cells would tell',
  overhead: ({ row, floor }, largest) =>
    `too slow up to ratio ${largest}: ${format(reached(floor.floorMs, row))} ms are overhead that pruning does not remove`,
  memory: ({ row, floor }, largest) =>
    `too slow up to ratio ${largest}: ${format(reached(floor.at(largest).memoryMs, row))} ms of it wait for memory, whatever the core's clock`,
  compute: ({ row, floor }, largest) =>
    `too slow up to ratio ${largest}, the largest measured or allowed; a larger one could come down to ` +
    `${format(reached(floor.floorMs, row))} ms`,
};

/** A part of the curve through the whole table, which may lie above what one point takes: never more than that. */
const reached = (fittedMs: number, row: LatencyRow): number => Math.min(fittedMs, fastestOf(row));

const fastestOf = ({ candidates }: LatencyRow): number => Math.min(...candidates.map(({ ms }) => ms));

function boundOf({ row, chosen, aim, floor }: MissInput): Miss['bound'] {
  const { candidates } = row;
  const fastestMs = fastestOf(row);
  if (aim.mode === 'deadline') {
    if (fastestMs <= aim.targetMs) return 'uncertainty';
  } else {
    if (chosen.ms < aim.targetMs) return chosen.ratio === 0 ? 'faster' : 'step';
    if (fastestMs < aim.targetMs) return 'step';
  }
  const { overheadMs, memoryMs, computeMs } = floor.at(candidates.at(-1)!.ratio);
  const isHopeless = reached(floor.floorMs, row) >= latestMs(aim);
  if (isHopeless || overheadMs >= Math.max(memoryMs, computeMs)) return 'overhead';
  return memoryMs >= computeMs ? 'memory' : 'compute';
}

const format = (ms: number): string => String(Number(ms.toPrecision(4)));
