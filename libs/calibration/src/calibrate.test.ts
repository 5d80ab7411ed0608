import fc from 'fast-check';
import { CalibrationError, calibrate, type CalibrationCell } from './index.js';

const row = (operatingPoint: string, latencies: Record<number, number>): CalibrationCell[] =>
  Object.entries(latencies).map(([ratio, p50Ms]) => ({ operatingPoint, ratio: Number(ratio), p50Ms }));

const fastestDense = { kind: 'fastest-at-ratio', ratio: 0 } as const;

describe('calibrate', () => {
  it('chooses by hand-computed interpolation the ratio that holds the fastest dense latency', () => {
    const result = calibrate({
      cells: [...row('fast', { 0: 10, 0.5: 6 }), ...row('slow', { 0: 20, 0.4: 12, 0.8: 4 })],
      operatingPoints: ['fast', 'slow'],
      target: fastestDense,
      tolerance: 0.05,
    });
    expect(result.targetMs).toBe(10);
    expect(result.choices[0]).toEqual({
      operatingPoint: 'fast',
      ratio: 0,
      predictedMs: 10,
      denseMs: 10,
      feasible: true,
    });
    // 12 - (0.1 / 0.4) * 8 = 10
    expect(result.choices[1]).toMatchObject({ ratio: 0.5, denseMs: 20, feasible: true });
    expect(result.choices[1]!.predictedMs).toBeCloseTo(10, 9);
    expect(result.ratios).toEqual([0, 0.5]);
    expect(result.stability.dense).toEqual({ spread: 2, varianceMs2: 25, cov: 5 / 15 });
    expect(result.stability.calibrated.spread).toBeCloseTo(1, 9);
  });

  it('takes the fastest latency at a given ratio as the target', () => {
    const result = calibrate({
      cells: [...row('fast', { 0: 10, 0.5: 6 }), ...row('slow', { 0: 20, 0.8: 4 })],
      operatingPoints: ['slow', 'fast'],
      target: { kind: 'fastest-at-ratio', ratio: 0.25 },
      tolerance: 0.05,
    });
    expect(result.targetMs).toBe(8);
    expect(result.choices.map((c) => [c.operatingPoint, c.ratio])).toEqual([
      ['slow', 0.6],
      ['fast', 0.25],
    ]);
  });

  it('keeps the smaller ratio on a plateau and where noise alone would favour a larger one', () => {
    const plateau = row('p', { 0: 20, 0.2: 18.7, 0.4: 18.72, 0.6: 18.69 });
    const { choices } = calibrate({
      cells: plateau,
      operatingPoints: ['p'],
      target: { kind: 'latency', latencyMs: 18.69 },
      tolerance: 0.05,
    });
    expect(choices[0]!.ratio).toBeLessThanOrEqual(0.2);
    expect(choices[0]!.feasible).toBe(true);
  });

  it('accepts rows that rise with the ratio and steps past their hump', () => {
    const { choices } = calibrate({
      cells: row('p', { 0: 20, 0.3: 24, 0.6: 10 }),
      operatingPoints: ['p'],
      target: { kind: 'latency', latencyMs: 12 },
      tolerance: 0.05,
    });
    expect(choices[0]).toMatchObject({ feasible: true });
    expect(choices[0]!.ratio).toBeGreaterThan(0.5);
  });

  it('answers a point that stays too slow with the nearest latency it reaches', () => {
    const { choices } = calibrate({
      cells: row('p', { 0: 40, 0.5: 30 }),
      operatingPoints: ['p'],
      target: { kind: 'latency', latencyMs: 10 },
      tolerance: 0.05,
    });
    expect(choices[0]).toMatchObject({
      ratio: 0.5,
      predictedMs: 30,
      feasible: false,
      reason:
        'too slow up to the largest measured ratio 0.5; nearest it can reach: 30 ms at ratio 0.5, target 10 ms',
    });
  });

  it('answers a point that is faster than the target without pruning', () => {
    const { choices } = calibrate({
      cells: row('p', { 0: 40, 0.5: 30 }),
      operatingPoints: ['p'],
      target: { kind: 'latency', latencyMs: 50 },
      tolerance: 0.05,
    });
    expect(choices[0]).toMatchObject({ ratio: 0, predictedMs: 40, feasible: false });
    expect(choices[0]!.reason).toContain('faster than the target without pruning');
  });

  it('answers a point whose latency falls past the target in one step', () => {
    const { choices } = calibrate({
      cells: row('p', { 0: 40, 0.3: 40, 0.31: 10 }),
      operatingPoints: ['p'],
      target: { kind: 'latency', latencyMs: 20 },
      tolerance: 0.05,
    });
    expect(choices[0]).toMatchObject({ ratio: 0.31, feasible: false });
    expect(choices[0]!.reason).toContain('falls past the target');
  });

  it.each([
    ['no dense cell', row('a', { 0.3: 5 }), ['a'], 'has no cell of the dense network'],
    ['no cell at all', [], ['a'], 'operating point "a" has no cell of the dense network'],
    ['a cell of an unknown point', row('b', { 0: 5 }), ['a'], 'cells[0].operatingPoint: "b"'],
    ['a latency of 0', row('a', { 0: 0 }), ['a'], 'cells[0].p50Ms: 0'],
    ['a cell given twice', [...row('a', { 0: 5 }), ...row('a', { 0: 5 })], ['a'], 'two cells of ratio 0'],
    ['no operating point', row('a', { 0: 5 }), [], 'operatingPoints'],
    ['an operating point given twice', row('a', { 0: 5 }), ['a', 'a'], '"a" is given twice'],
  ])('refuses a table with %s', (_, cells, operatingPoints, message) => {
    const run = () => calibrate({ cells, operatingPoints, target: fastestDense, tolerance: 0.05 });
    expect(run).toThrow(CalibrationError);
    expect(run).toThrow(message);
  });

  it('refuses a target ratio that was measured nowhere, and a tolerance of 0', () => {
    const table = { cells: row('a', { 0: 5, 0.5: 3 }), operatingPoints: ['a'] };
    const beyond = { kind: 'fastest-at-ratio', ratio: 0.6 } as const;
    expect(() => calibrate({ ...table, target: beyond, tolerance: 0.05 })).toThrow('target.ratio: 0.6');
    expect(() => calibrate({ ...table, target: fastestDense, tolerance: 0 })).toThrow('tolerance: 0');
  });
});

const latencyMs = fc.double({ min: 0.01, max: 1000, noNaN: true });
const curve = fc
  .tuple(latencyMs, fc.dictionary(fc.integer({ min: 1, max: 95 }).map(String), latencyMs, { maxKeys: 8 }))
  .map(([dense, rest]) => {
    const latencies: Record<number, number> = { 0: dense };
    for (const [percent, ms] of Object.entries(rest)) latencies[Number(percent) / 100] = ms;
    return latencies;
  });
const table = fc.array(curve, { minLength: 1, maxLength: 6 }).map((curves) => ({
  operatingPoints: curves.map((_, i) => `p${i}`),
  cells: curves.flatMap((latencies, i) => row(`p${i}`, latencies)),
}));
const target = fc.oneof(
  fc.constant(fastestDense),
  latencyMs.map((ms) => ({ kind: 'latency', latencyMs: ms }) as const),
);
const tolerance = fc.double({ min: 0.001, max: 0.5, noNaN: true });

describe('for every table, monotone or not', () => {
  it('choices stay within the measured ratios and come in steps of 0.01', () => {
    fc.assert(
      fc.property(table, target, tolerance, (t, to, tol) => {
        for (const choice of calibrate({ ...t, target: to, tolerance: tol }).choices) {
          const measured = t.cells.filter((c) => c.operatingPoint === choice.operatingPoint);
          expect(choice.ratio).toBeLessThanOrEqual(Math.max(...measured.map((c) => c.ratio)));
          expect(choice.ratio * 100).toBeCloseTo(Math.round(choice.ratio * 100), 9);
        }
      }),
    );
  });

  it('a point is feasible exactly when its prediction is within the tolerance, else it has a reason', () => {
    fc.assert(
      fc.property(table, target, tolerance, (t, to, tol) => {
        const { choices, targetMs } = calibrate({ ...t, target: to, tolerance: tol });
        for (const choice of choices) {
          expect(choice.feasible).toBe(Math.abs(choice.predictedMs - targetMs) <= tol * targetMs);
          expect(choice.reason === undefined).toBe(choice.feasible);
        }
      }),
    );
  });

  it('no smaller measured ratio is as fast as a chosen one', () => {
    fc.assert(
      fc.property(table, target, tolerance, (t, to, tol) => {
        for (const choice of calibrate({ ...t, target: to, tolerance: tol }).choices) {
          const smaller = t.cells.filter(
            (c) => c.operatingPoint === choice.operatingPoint && c.ratio < choice.ratio - 1e-9,
          );
          for (const cell of smaller.filter((c) => Number.isInteger(c.ratio * 100))) {
            expect(cell.p50Ms).toBeGreaterThan(choice.predictedMs);
          }
        }
      }),
    );
  });

  it('no measured cell is clearly nearer to the target than the choice', () => {
    fc.assert(
      fc.property(table, target, tolerance, (t, to, tol) => {
        const { choices, targetMs } = calibrate({ ...t, target: to, tolerance: tol });
        for (const choice of choices) {
          const dense = Math.abs(choice.denseMs - targetMs);
          const chosen = Math.abs(choice.predictedMs - targetMs);
          expect(chosen).toBeLessThanOrEqual(dense + 0.1 * tol * targetMs + 1e-9);
        }
      }),
    );
  });

  it('the ratio schedule is ascending, without duplicates, and starts with the dense network', () => {
    fc.assert(
      fc.property(table, target, tolerance, (t, to, tol) => {
        const { ratios, choices } = calibrate({ ...t, target: to, tolerance: tol });
        expect(ratios[0]).toBe(0);
        expect(ratios.every((ratio, i) => i === 0 || ratio > ratios[i - 1]!)).toBe(true);
        for (const choice of choices) expect(ratios).toContain(choice.ratio);
      }),
    );
  });
});
