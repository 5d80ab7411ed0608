import type { LatencySummary, OperatingPoint } from '#contracts';
import { tableMarks } from './table-marks.js';

const POINTS: OperatingPoint[] = [
  { name: 'slow', cpuHz: 1e9 },
  { name: 'middle', cpuHz: 1.5e9 },
  { name: 'fast', cpuHz: 2e9 },
];
const stated = (p50Ms: number) => ({ stated: true as const, p50Ms, p50Is: 'median' as const });
const sampled = (p50Ms: number, halfWidthMs: number): LatencySummary => ({
  ...{ n: 9, p50Ms, p90Ms: p50Ms, p99Ms: p50Ms, meanMs: p50Ms, stdMs: 0 },
  ...{ p50LowMs: p50Ms - halfWidthMs, p50HighMs: p50Ms + halfWidthMs },
});
/** Rows by operating point: latency by ratio. */
const cells = (rows: Record<string, Record<number, number>>, summary = stated as (ms: number) => any) =>
  Object.entries(rows).flatMap(([operatingPoint, row]) =>
    Object.entries(row).map(([ratio, ms]) => ({
      operatingPoint,
      ratio: Number(ratio),
      summary: summary(ms),
      provenance: {},
    })),
  );

describe('marks of a table', () => {
  it('are none where latency falls with the clock and with the ratio', () => {
    const table = cells({ slow: { 0: 30, 0.5: 16 }, middle: { 0: 20, 0.5: 11 }, fast: { 0: 15, 0.5: 8 } });
    expect(tableMarks(POINTS, table)).toEqual([]);
  });

  it('name the cells that a point of the device lacks, also of a point without any', () => {
    const table = cells({ slow: { 0: 30, 0.5: 16, 0.7: 9 }, middle: { 0.5: 11 } });
    expect(tableMarks(POINTS, table)).toEqual([
      { kind: 'missing-cells', operatingPoint: 'middle', ratios: [0, 0.7] },
      { kind: 'missing-cells', operatingPoint: 'fast', ratios: [0, 0.5, 0.7] },
    ]);
  });

  it('name the cells that were measured while the device throttled or had drifted, by point', () => {
    const provenances: Record<string, object> = {
      'slow 0.5': { throttled: true },
      'slow 0': { throttled: true, drift: 0.08 },
      'middle 0': { throttled: false },
      'fast 0.5': { drift: -0.04 },
    };
    const table = cells({ slow: { 0.5: 16, 0: 30 }, middle: { 0: 20, 0.5: 11 }, fast: { 0: 15, 0.5: 8 } });
    const known = table.map((cell) => ({
      ...cell,
      provenance: provenances[`${cell.operatingPoint} ${cell.ratio}`] ?? {},
    }));
    expect(tableMarks(POINTS, known)).toEqual([
      { kind: 'throttled', operatingPoint: 'slow', ratios: [0, 0.5] },
      { kind: 'drifted', operatingPoint: 'slow', cells: [{ ratio: 0, drift: 0.08 }] },
      { kind: 'drifted', operatingPoint: 'fast', cells: [{ ratio: 0.5, drift: -0.04 }] },
    ]);
  });

  it('name a point that is slower than the next lower one, once', () => {
    const table = cells({ slow: { 0: 30 }, middle: { 0: 20 }, fast: { 0: 25 } });
    expect(tableMarks(POINTS, table)).toEqual([
      {
        ...{ kind: 'slower-at-higher-clock', ratio: 0, operatingPoint: 'fast', p50Ms: 25 },
        than: { operatingPoint: 'middle', p50Ms: 20 },
      },
    ]);
  });

  it('name a ratio that is slower than the next lower one', () => {
    const points = POINTS.slice(0, 1);
    expect(tableMarks(points, cells({ slow: { 0.5: 31, 0: 30, 0.7: 10 } }))).toEqual([
      {
        ...{ kind: 'slower-at-higher-ratio', operatingPoint: 'slow', ratio: 0.5, p50Ms: 31 },
        than: { ratio: 0, p50Ms: 30 },
      },
    ]);
  });

  it('leave out differences that the intervals of the medians explain', () => {
    const table = { slow: { 0: 30 }, middle: { 0: 20 }, fast: { 0: 20.9 } };
    expect(
      tableMarks(
        POINTS,
        cells(table, (ms) => sampled(ms, 0.5)),
      ),
    ).toEqual([]);
    expect(
      tableMarks(
        POINTS,
        cells(table, (ms) => sampled(ms, 0.4)),
      ),
    ).toHaveLength(1);
  });

  it('compare tuples of clocks only where none is higher, and by their order where the points have one', () => {
    const tuples: OperatingPoint[] = [
      { name: 'cpu', cpuHz: 2e9, memHz: 1e9 },
      { name: 'mem', cpuHz: 1e9, memHz: 2e9 },
      { name: 'gpu', gpuHz: 3e9 },
    ];
    const table = cells({ cpu: { 0: 30 }, mem: { 0: 20 }, gpu: { 0: 40 } });
    expect(tableMarks(tuples, table)).toEqual([]);
    const ordered = tuples.map((point, order) => ({ ...point, order }));
    expect(tableMarks(ordered, table)).toMatchObject([
      { operatingPoint: 'gpu', than: { operatingPoint: 'mem' } },
    ]);
  });
});
