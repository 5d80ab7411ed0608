import fc from 'fast-check';
import { isMet, type Aim } from './aim.js';
import { soonest, steadiest } from './choose-ratio.js';
import { calibrate } from './index.js';
import type { LatencyRow } from './latency-row.js';
import { mergeRatios } from './merge-ratios.js';
import { known, latency } from './testing/known-device.js';

const usual = { target: { kind: 'fastest-at-ratio', ratio: 0 }, tolerance: 0.05 } as const;
const merge = (maxTrainedRatios: number, changes: object = {}) =>
  calibrate({ ...known({}), ...usual, maxTrainedRatios, ...changes });

const LOG_ERROR = 0.01;
/** A point whose latency falls from `denseMs` in a straight line, by so much over all ratios up to 0.9. */
function falling(denseMs: number, fallsBy: number): LatencyRow {
  const msAt = (ratio: number) => denseMs * (1 - fallsBy * ratio);
  const candidates = Array.from({ length: 91 }, (_, step) => {
    return { ratio: step / 100, ms: msAt(step / 100) };
  });
  const predict = (ratio: number) => ({ ms: msAt(ratio), logError: LOG_ERROR });
  return { point: 0, candidates, saving: candidates, predict };
}

function chosen(rows: readonly LatencyRow[], aim: Aim) {
  return rows.map((row, i) => {
    const { ratio } =
      aim.mode === 'stable' ? steadiest(row.saving, aim.targetMs, aim.tolerance) : soonest(row, aim.targetMs);
    return { operatingPoint: `p${i}`, ratio, feasible: isMet(aim, row.predict(ratio)) };
  });
}

describe('merging the ratios to train', () => {
  it('changes nothing where all may be trained', () => {
    const { merged, ratios, choices, stability } = merge(5);
    expect(merged!.ratios).toEqual(ratios.slice(0, 4));
    expect(merged!.choices.map(({ ratio }) => ratio)).toEqual(choices.map(({ ratio }) => ratio));
    expect(merged!.stability.spread).toBeCloseTo(stability.calibrated.spread, 9);
  });

  it('costs more stability the fewer there may be, and says how much', () => {
    const spreads = [4, 3, 2, 1].map((most) => {
      const { merged } = merge(most);
      expect(merged!.ratios.length).toBeLessThanOrEqual(most);
      expect(merged!.ratios[0]).toBe(0);
      for (const { ratio } of merged!.choices) expect(merged!.ratios).toContain(ratio);
      return merged!.stability.spread;
    });
    expect(spreads).toEqual([...spreads].sort((a, b) => a - b));
    expect(spreads[3]).toBeCloseTo(merge(4).stability.dense.spread, 9);
  });

  it('lets points run the dense network that are near to it, since it is trained anyway', () => {
    const aim: Aim = { targetMs: 10, tolerance: 0.01, mode: 'stable' };
    const rows = [10, 10.2, 20, 25].map((denseMs) => falling(denseMs, 1));
    const choices = chosen(rows, aim);
    expect(choices.map(({ ratio }) => ratio)).toEqual([0, 0.02, 0.5, 0.6]);
    const merged = mergeRatios(rows, choices, { aim, maxTrainedRatios: 2 });
    expect(merged.choices.map(({ ratio }) => ratio)).toEqual([0, 0, 0.6, 0.6]);
    expect(merged.choices.map(({ feasible }) => feasible)).toEqual([true, false, false, true]);
  });

  it('is not led by a point that misses the target whatever it runs', () => {
    const aim: Aim = { targetMs: 10, tolerance: 0.05, mode: 'stable' };
    const rows = [...[10, 12, 20, 25].map((denseMs) => falling(denseMs, 1)), falling(300, 1)];
    const choices = chosen(rows, aim);
    expect(choices.map(({ feasible }) => feasible)).toEqual([true, true, true, true, false]);
    const merged = mergeRatios(rows, choices, { aim, maxTrainedRatios: 4 });
    expect(merged.ratios).toEqual([0, choices[2]!.ratio, choices[3]!.ratio, 0.9]);
  });

  it('breaks no deadline that is kept, unless the dense network alone may be trained', () => {
    const target = latency(13);
    for (const most of [2, 3, 4]) {
      const { merged, choices } = merge(most, { target, mode: 'deadline' });
      expect(merged!.ratios.length).toBeLessThanOrEqual(most);
      merged!.choices.forEach(({ ratio, feasible }, i) => {
        expect(feasible).toBe(true);
        expect(ratio).toBeGreaterThanOrEqual(choices[i]!.ratio);
      });
    }
    const { merged } = merge(1, { target, mode: 'deadline' });
    expect(merged!.choices.map(({ feasible }) => feasible)).toEqual([false, false, false, false]);
  });

  it('leaves no smaller largest distance, whatever the ratios', () => {
    const point = fc.tuple(
      fc.double({ min: 5, max: 40, noNaN: true }),
      fc.double({ min: 0.3, max: 1, noNaN: true }),
    );
    const mode = fc.constantFrom('stable' as const, 'deadline' as const);
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 6 }), mode, fc.nat(3), (devices, m, more) => {
        const aim: Aim = { targetMs: 10, tolerance: 0.05, mode: m };
        const rows = devices.map(([denseMs, fallsBy]) => falling(denseMs, fallsBy));
        const choices = chosen(rows, aim);
        const { choices: merged } = mergeRatios(rows, choices, { aim, maxTrainedRatios: more + 1 });
        const costs = merged.map(({ ratio }, i) => cost(rows[i]!, choices[i]!, ratio, aim));
        const all = [...new Set(choices.map(({ ratio }) => ratio))].filter((ratio) => ratio > 0);
        const best = subsets(all, more).map((trained) =>
          Math.max(
            ...rows.map((row, i) =>
              Math.min(...[0, ...trained].map((ratio) => cost(row, choices[i]!, ratio, aim))),
            ),
          ),
        );
        expect(Math.max(...costs)).toBeLessThanOrEqual(Math.min(...best) + 1e-9);
      }),
    );
  });
});

/** How far from the target a ratio leaves a point, or how much farther than its choice where that misses. */
function cost(
  row: LatencyRow,
  choice: { ratio: number; feasible: boolean },
  ratio: number,
  aim: Aim,
): number {
  const off = (each: number) => {
    const { ms, logError } = row.predict(each);
    return Math.log((aim.mode === 'stable' ? ms : ms * Math.exp(1.96 * logError)) / aim.targetMs);
  };
  if (!choice.feasible) return Math.max(Math.abs(off(ratio)) - Math.abs(off(choice.ratio)), 0);
  if (aim.mode === 'deadline' && off(ratio) > 0) return 1000 + off(ratio);
  return Math.max(Math.abs(off(ratio)), Math.abs(off(choice.ratio)));
}

/** Of at most so many. */
function subsets(values: readonly number[], most: number): number[][] {
  if (values.length === 0 || most === 0) return [[]];
  const [first, ...rest] = values as [number, ...number[]];
  return [...subsets(rest, most), ...subsets(rest, most - 1).map((subset) => [first, ...subset])];
}
