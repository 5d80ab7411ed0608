import { calibrate, nextCell, type CalibrationCell } from './index.js';
import { latency, measured, row } from './testing/known-device.js';

const CLOCKS = Array.from({ length: 10 }, (_, i) => 1 - 0.07 * i);
const RATIOS = [0, 0.15, 0.3, 0.45, 0.6, 0.75];
const operatingPoints = CLOCKS.map((clock) => ({ name: `at ${clock}`, clocks: { cpuHz: clock } }));
const wanted = { target: { kind: 'fastest-at-ratio', ratio: 0 }, tolerance: 0.05 } as const;

/** Measures what it is told until it is told no more. */
function measureAll(
  msAt: (clock: number, ratio: number) => number,
  points = operatingPoints,
  changes: Partial<Parameters<typeof nextCell>[0]> = {},
): CalibrationCell[] {
  const cells: CalibrationCell[] = [];
  for (;;) {
    const next = nextCell({ operatingPoints: points, ratios: RATIOS, cells, ...wanted, ...changes });
    if (next === undefined) return cells;
    const clock = CLOCKS[operatingPoints.findIndex(({ name }) => name === next.operatingPoint)]!;
    cells.push({ ...next, ...measured(msAt(clock, next.ratio)) });
  }
}

describe('choosing the next cell', () => {
  const msAt = (clock: number, ratio: number) => 1 + 3 * (1 - ratio) ** 0.5 + (10 * (1 - ratio)) / clock;

  it('ends with every choice known, from less than half of the grid', () => {
    const cells = measureAll(msAt);
    expect(cells.length).toBeLessThan((CLOCKS.length * RATIOS.length) / 2);
    const { choices } = calibrate({ operatingPoints, cells, ...wanted });
    choices.forEach(({ ratio, predictedMs, feasible }, i) => {
      expect(Math.abs(predictedMs / msAt(CLOCKS[i]!, ratio) - 1)).toBeLessThan(0.025);
      expect(feasible).toBe(true);
    });
  });

  it('measures each cell once, and every operating point', () => {
    const cells = measureAll(msAt);
    const names = cells.map(({ operatingPoint, ratio }) => `${operatingPoint} ${ratio}`);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(cells.map(({ operatingPoint }) => operatingPoint)).size).toBe(CLOCKS.length);
  });

  it('measures more of a device that follows no rule', () => {
    const odd = (clock: number, ratio: number) =>
      msAt(clock, ratio) * (1 + 0.3 * Math.sin(37 * clock + 11 * ratio) * Math.min(ratio, 0.3));
    expect(measureAll(odd).length).toBeGreaterThan(measureAll(msAt).length);
  });

  it('works without any clock', () => {
    const nameless = operatingPoints.map(({ name }) => ({ name }));
    const cells = measureAll(msAt, nameless as typeof operatingPoints);
    const { choices } = calibrate({ operatingPoints: nameless, cells, ...wanted });
    choices.forEach(({ ratio, predictedMs }, i) => {
      expect(Math.abs(predictedMs / msAt(CLOCKS[i]!, ratio) - 1)).toBeLessThan(0.05);
    });
  });

  it('has nothing to choose on a grid of one cell', () => {
    const one = { operatingPoints: [{ name: 'only' }], ratios: [0], ...wanted };
    expect(nextCell({ ...one, cells: [] })).toEqual({ operatingPoint: 'only', ratio: 0 });
    const cells = row('only', { 0: 5 });
    expect(nextCell({ ...one, cells })).toBeUndefined();
  });

  it('measures no cell that would take less from a choice than it is worth', () => {
    const grid = { operatingPoints: [{ name: 'p' }], ratios: [0, 0.25, 0.5, 0.75] };
    const cells = row('p', { 0: 20, 0.25: 15, 0.75: 5 });
    const fastest = { ...grid, cells, target: latency(1), tolerance: 0.05, maxRatio: 0.5 };
    const { ratio, predictedMs, predictedHighMs } = calibrate(fastest).choices[0]!;
    expect(ratio).toBe(0.5);
    const logError = Math.log(predictedHighMs / predictedMs) / 1.96;
    const next = (tolerance: number) => nextCell({ ...grid, cells, target: latency(predictedMs), tolerance });
    // A cell is worth 0.3 of the tolerance: no measurement takes all of an error away.
    expect(next(logError / 0.3)).toBeUndefined();
    expect(next(logError / 0.4)).toEqual({ operatingPoint: 'p', ratio: 0.5 });
  });

  it('knows a deadline that the dense network keeps, and one that its interval crosses', () => {
    const grid = { operatingPoints: [{ name: 'p' }], ratios: [0, 0.25, 0.5, 0.75], tolerance: 0.05 };
    const cells = [{ operatingPoint: 'p', ratio: 0, ...measured(20, 0.1) }, ...row('p', { 0.75: 8 })];
    const next = (latencyMs: number, mode?: 'stable' | 'deadline') =>
      nextCell({ ...grid, cells, target: latency(latencyMs), mode });
    expect(next(23)).toBeDefined();
    expect(next(23, 'deadline')).toBeUndefined();
    expect(next(21, 'deadline')).toBeDefined();
  });

  it('looks at no ratio beyond the limit of an automatic target', () => {
    const cells = measureAll(msAt, operatingPoints, { target: { kind: 'auto', maxRatio: 0.15 } });
    const beyond = cells.filter(({ ratio }) => ratio > 0.3);
    // The corners are always measured.
    expect(beyond.map(({ ratio }) => ratio)).toEqual([0.75, 0.75]);
  });
});
