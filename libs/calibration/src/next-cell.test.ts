import { calibrate, nextCell, type CalibrationCell } from './index.js';

const CLOCKS = Array.from({ length: 10 }, (_, i) => 1 - 0.07 * i);
const RATIOS = [0, 0.15, 0.3, 0.45, 0.6, 0.75];
const operatingPoints = CLOCKS.map((clock) => ({ name: `at ${clock}`, clocks: { cpuHz: clock } }));
const wanted = { target: { kind: 'fastest-at-ratio', ratio: 0 }, tolerance: 0.05 } as const;

/** Measures what it is told until it is told no more. */
function measureAll(
  msAt: (clock: number, ratio: number) => number,
  points = operatingPoints,
): CalibrationCell[] {
  const cells: CalibrationCell[] = [];
  for (;;) {
    const next = nextCell({ operatingPoints: points, ratios: RATIOS, cells, ...wanted });
    if (next === undefined) return cells;
    const clock = CLOCKS[operatingPoints.findIndex(({ name }) => name === next.operatingPoint)]!;
    cells.push({ ...next, p50Ms: msAt(clock, next.ratio) });
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
    const cells = [{ operatingPoint: 'only', ratio: 0, p50Ms: 5 }];
    expect(nextCell({ ...one, cells })).toBeUndefined();
  });
});
