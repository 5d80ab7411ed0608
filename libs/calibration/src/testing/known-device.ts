import type { CalibrationCell, CalibrationPoint } from '../index.js';
import type { KnownMedian } from '../median-error.js';

/** A median whose 95 % interval is as wide as this share of it to either side. */
export const measured = (p50Ms: number, half = 0.0098): KnownMedian => {
  return { p50Ms, p50LowMs: p50Ms * (1 - half), p50HighMs: p50Ms * (1 + half) };
};

export const row = (operatingPoint: string, latencies: Record<number, number>): CalibrationCell[] =>
  Object.entries(latencies).map(([ratio, p50Ms]) => {
    return { operatingPoint, ratio: Number(ratio), ...measured(p50Ms) };
  });

export const points = (...names: string[]): CalibrationPoint[] => names.map((name) => ({ name }));

export const latency = (latencyMs: number) => ({ kind: 'latency', latencyMs }) as const;

/** The clocks of the device below, and the ratios that it was measured at. */
export const CLOCKS = [1, 0.8, 0.6, 0.4];
const RATIOS = [0, 0.2, 0.4, 0.6, 0.8];

/** A device whose latency is a sum that is known: milliseconds of each part at the fastest clock, dense. */
export function known({ overhead = 1, memory = 2, compute = 10 }) {
  const msAt = (clock: number, ratio: number) =>
    overhead + memory * (1 - ratio) + (compute * (1 - ratio)) / clock;
  const operatingPoints = CLOCKS.map((clock) => ({ name: `at ${clock}`, clocks: { cpuHz: clock * 1e9 } }));
  const cells = CLOCKS.flatMap((clock) =>
    RATIOS.map((ratio) => ({ operatingPoint: `at ${clock}`, ratio, ...measured(msAt(clock, ratio)) })),
  );
  return { operatingPoints, cells, msAt };
}
