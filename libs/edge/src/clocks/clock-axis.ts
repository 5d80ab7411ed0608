import type { EdgeOperatingPoint } from '../operating-point.js';

/** One member of an operating point's tuple. */
export type ClockAxis = 'cpu' | 'gpu' | 'mem';

export const CLOCK_AXES: readonly ClockAxis[] = ['cpu', 'gpu', 'mem'];

/** What the clock of an axis is called in an operating point. */
export const POINT_FIELD = { cpu: 'cpuHz', gpu: 'gpuHz', mem: 'memHz' } as const satisfies Record<
  ClockAxis,
  string
>;

/** Hz by axis. */
export type AxisClocks = Partial<Record<ClockAxis, number>>;

/** The clocks that a point names. */
export function clocksOf(point: EdgeOperatingPoint): AxisClocks {
  const named = CLOCK_AXES.map((axis) => [axis, point[POINT_FIELD[axis]]] as const);
  return Object.fromEntries(named.filter(([, hz]) => hz !== undefined));
}

/** How far a clock that is read back may lie from the one asked for. */
export const CLOCK_TOLERANCE = 0.01;

/** A clock that runs at something else than what was asked for. */
export interface ClockDeviation {
  readonly axis: ClockAxis;
  readonly requestedHz: number;
  readonly readBackHz: number;
}

/** The clocks that were read back beyond 1 % of what was asked for; those that cannot be read are none of them. */
export function deviationsOf(requested: AxisClocks, readBack: AxisClocks): ClockDeviation[] {
  return CLOCK_AXES.flatMap((axis) => {
    const requestedHz = requested[axis];
    const readBackHz = readBack[axis];
    if (requestedHz === undefined || readBackHz === undefined) return [];
    const isNear = Math.abs(readBackHz - requestedHz) <= CLOCK_TOLERANCE * requestedHz;
    return isNear ? [] : [{ axis, requestedHz, readBackHz }];
  });
}

/** `the cpu clock reads 1.5 GHz, 2.4 GHz was set` for every deviation. */
export function describeDeviations(deviations: readonly ClockDeviation[]): string {
  return deviations
    .map(({ axis, requestedHz, readBackHz }) => {
      return `the ${axis} clock reads ${readBackHz} Hz where ${requestedHz} Hz was set`;
    })
    .join(' and ');
}
