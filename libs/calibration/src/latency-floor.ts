import type { CalibrationPoint } from './calibration-point.js';
import { nonNegativeLeastSquares } from './model/non-negative-least-squares.js';
import type { Observation } from './model/latency-model.js';

/** Of a latency, what each kind of work takes, in milliseconds. */
export interface LatencyParts {
  /** Does not shrink with the ratio. */
  readonly overheadMs: number;
  /** Shrinks with the ratio, but does not follow the core's clock. */
  readonly memoryMs: number;
  readonly computeMs: number;
}

/** The fitted parts at one operating point. */
export interface FloorAt {
  readonly floorMs: number;
  readonly at: (ratio: number) => LatencyParts;
}

/** The clock that is named so is memory's; of the others, the one that changes most is the core's. */
const MEMORY_CLOCK = /mem/i;

type Kind = keyof LatencyParts;

/** One term of the fitted sum: milliseconds per unit of `of`. */
interface Term {
  readonly kind: Kind;
  readonly of: (point: number, share: number) => number;
}

/**
 * Splits latency into a sum of non-negative terms by least squares of relative errors: a constant, the period of the core's
 * clock, that times the MACs that are left, and the MACs that are left alone, or times the period of the memory clock where
 * the points name one. Where no clock of a core is known to change, work that shrinks is taken for compute.
 */
export function fitFloors(points: readonly CalibrationPoint[], observed: readonly Observation[]): FloorAt[] {
  const terms = termsOf(points);
  const rows = observed.map(({ point, ratio, p50Ms }) =>
    terms.map((term) => term.of(point, 1 - ratio) / p50Ms),
  );
  const weights = nonNegativeLeastSquares(
    rows,
    observed.map(() => 1),
  );
  return points.map((_, point) => {
    const at = (ratio: number): LatencyParts => {
      const parts = { overheadMs: 0, memoryMs: 0, computeMs: 0 };
      terms.forEach(({ kind, of }, i) => (parts[kind] += weights[i]! * of(point, 1 - ratio)));
      return parts;
    };
    return { at, floorMs: at(1).overheadMs };
  });
}

function termsOf(points: readonly CalibrationPoint[]): Term[] {
  const core = coreClock(points);
  const memory = clockNames(points).find((name) => MEMORY_CLOCK.test(name));
  const periodOf = (name: string | undefined) => {
    const largest = name === undefined ? 1 : largestOf(points, name);
    return (point: number) => {
      const clock = name === undefined ? undefined : points[point]!.clocks?.[name];
      return clock === undefined ? 1 : largest / clock;
    };
  };
  const corePeriod = periodOf(core);
  const memoryPeriod = periodOf(memory);
  const shrinking: Kind = core === undefined ? 'computeMs' : 'memoryMs';
  return [
    { kind: 'overheadMs', of: () => 1 },
    { kind: shrinking, of: (point, share) => share * memoryPeriod(point) },
    ...(core === undefined
      ? []
      : [
          { kind: 'overheadMs' as const, of: corePeriod },
          { kind: 'computeMs' as const, of: (point: number, share: number) => share * corePeriod(point) },
        ]),
  ];
}

const clockNames = (points: readonly CalibrationPoint[]): string[] => [
  ...new Set(points.flatMap(({ clocks }) => Object.keys(clocks ?? {}))),
];

const clocksOf = (points: readonly CalibrationPoint[], name: string): number[] =>
  points.flatMap(({ clocks }) => clocks?.[name] ?? []);

const largestOf = (points: readonly CalibrationPoint[], name: string): number =>
  Math.max(...clocksOf(points, name));

function coreClock(points: readonly CalibrationPoint[]): string | undefined {
  const range = (name: string) => largestOf(points, name) / Math.min(...clocksOf(points, name));
  const cores = clockNames(points).filter((name) => !MEMORY_CLOCK.test(name) && range(name) > 1);
  return cores.sort((a, b) => range(b) - range(a))[0];
}
