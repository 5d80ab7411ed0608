import fc from 'fast-check';
import { CalibrationError, calibrate, type CalibrationCell } from './index.js';
import { CLOCKS, known, latency, points, row } from './testing/known-device.js';

const fastestDense = { kind: 'fastest-at-ratio', ratio: 0 } as const;
const usual = { target: fastestDense, tolerance: 0.05 };

describe('calibrate', () => {
  it('chooses between measured ratios the one that holds the fastest dense latency', () => {
    const cells = [...row('fast', { 0: 10, 0.5: 6 }), ...row('slow', { 0: 20, 0.4: 12, 0.8: 4 })];
    const result = calibrate({ cells, operatingPoints: points('fast', 'slow'), ...usual });
    expect(result.targetMs).toBeCloseTo(10, 1);
    expect(result.choices[0]).toMatchObject({ operatingPoint: 'fast', ratio: 0, feasible: true });
    expect(result.choices[1]).toMatchObject({ operatingPoint: 'slow', feasible: true });
    expect(result.choices[1]!.ratio).toBeGreaterThan(0.4);
    expect(result.choices[1]!.ratio).toBeLessThan(0.6);
    expect(result.stability.dense.spread).toBeCloseTo(2, 1);
    expect(result.stability.calibrated.spread).toBeLessThan(1.02);
  });

  it('trains one ratio beyond the chosen ones, with which the slowest point would be a tenth faster', () => {
    const cells = [...row('fast', { 0: 10, 0.5: 6 }), ...row('slow', { 0: 20, 0.4: 12, 0.8: 4 })];
    const operatingPoints = points('fast', 'slow');
    const { ratios, choices } = calibrate({ cells, operatingPoints, ...usual });
    const [dense, chosen, reserve] = ratios;
    expect([dense, chosen]).toEqual(choices.map(({ ratio }) => ratio));
    expect(reserve).toBeGreaterThanOrEqual(chosen! + 0.03);
    expect(reserve).toBeLessThan(0.6);
    const limited = (limits: object) => calibrate({ cells, operatingPoints, ...usual, ...limits }).ratios;
    expect(limited({ maxRatio: chosen })).toEqual([0, chosen]);
    expect(limited({ maxRatio: chosen! + 0.01 })).toEqual([0, chosen, chosen! + 0.01]);
    expect(limited({ maxTrainedRatios: 3 })).toEqual(ratios);
    expect(limited({ maxTrainedRatios: 2 })).toEqual([0, chosen]);
    expect(limited({ trainableRatios: 3 })).toEqual(ratios);
    expect(limited({ trainableRatios: 2 })).toEqual([0, chosen]);
    const alone = calibrate({
      cells: row('fast', { 0: 10, 0.5: 6 }),
      operatingPoints: points('fast'),
      ...usual,
    });
    expect(alone.ratios).toEqual([0]);
  });

  it('follows a device whose latency is known, between the measured ratios too', () => {
    const { operatingPoints, cells, msAt } = known({});
    const { choices, targetMs } = calibrate({ operatingPoints, cells, ...usual });
    expect(targetMs).toBeCloseTo(13, 1);
    choices.forEach(({ ratio, predictedMs, predictedLowMs, predictedHighMs, slackMs, feasible }, i) => {
      const truth = msAt(CLOCKS[i]!, ratio);
      expect(Math.abs(predictedMs / truth - 1)).toBeLessThan(0.02);
      expect(predictedLowMs).toBeLessThan(truth);
      expect(predictedHighMs).toBeGreaterThan(truth);
      expect(slackMs).toBeCloseTo(targetMs - predictedMs, 5);
      expect(feasible).toBe(true);
    });
  });

  it('takes the latency of the fastest point at a ratio as the target', () => {
    const { operatingPoints, cells, msAt } = known({});
    const target = { kind: 'fastest-at-ratio', ratio: 0.25 } as const;
    const { targetMs, choices } = calibrate({ operatingPoints, cells, target, tolerance: 0.05 });
    expect(Math.abs(targetMs / msAt(1, 0.25) - 1)).toBeLessThan(0.02);
    expect(choices[0]!.ratio).toBeCloseTo(0.25, 1);
  });

  it('finds the target that leaves the least spread within a limit of the ratio', () => {
    const { operatingPoints, cells } = known({ overhead: 4, memory: 0, compute: 10 });
    const ask = (target: Parameters<typeof calibrate>[0]['target'], maxRatio?: number) =>
      calibrate({ operatingPoints, cells, target, tolerance: 0.05, maxRatio });
    const spreadAt = (ms: number) => ask(latency(ms), 0.5).stability.calibrated.spread;
    const auto = ask({ kind: 'auto', maxRatio: 0.5 });
    for (const { ratio } of auto.choices) expect(ratio).toBeLessThanOrEqual(0.5);
    const { spread } = auto.stability.calibrated;
    for (const ms of [10, 12, 14, 16, 18, 20, 24]) expect(spread).toBeLessThan(spreadAt(ms) * 1.01);
    expect(spread).toBeLessThan(spreadAt(24) / 1.1);
    const narrower = ask({ kind: 'auto', maxRatio: 0.5 }, 0.3);
    for (const { ratio } of narrower.choices) expect(ratio).toBeLessThanOrEqual(0.3);
  });

  it('keeps the smaller ratio on a plateau and where noise alone would favour a larger one', () => {
    const cells = row('p', { 0: 20, 0.2: 18.7, 0.4: 18.72, 0.6: 18.69 });
    const { choices } = calibrate({ cells, operatingPoints: points('p'), ...usual, target: latency(18.69) });
    expect(choices[0]!.ratio).toBeLessThanOrEqual(0.2);
    expect(choices[0]!.feasible).toBe(true);
  });

  it('accepts rows that rise with the ratio and steps past their hump', () => {
    const cells = row('p', { 0: 20, 0.3: 24, 0.6: 10 });
    const { choices } = calibrate({ cells, operatingPoints: points('p'), ...usual, target: latency(12) });
    expect(choices[0]).toMatchObject({ feasible: true });
    expect(choices[0]!.ratio).toBeGreaterThan(0.4);
  });

  it('predicts cells that were not measured, with intervals that are wider there', () => {
    const { operatingPoints, cells, msAt } = known({});
    const holes = cells.filter((_, i) => i % 3 !== 1);
    const { choices } = calibrate({ operatingPoints, cells: holes, ...usual });
    const full = calibrate({ operatingPoints, cells, ...usual }).choices;
    const width = ({ predictedHighMs, predictedLowMs, predictedMs }: (typeof choices)[number]) =>
      (predictedHighMs - predictedLowMs) / predictedMs;
    const sum = (all: typeof choices) => all.reduce((total, choice) => total + width(choice), 0);
    expect(sum(choices)).toBeGreaterThan(sum(full));
    choices.forEach((choice, i) => {
      const truth = msAt(CLOCKS[i]!, choice.ratio);
      expect(Math.abs(choice.predictedMs / truth - 1)).toBeLessThan(0.05);
      expect(choice.predictedLowMs).toBeLessThan(truth);
      expect(choice.predictedHighMs).toBeGreaterThan(truth);
    });
  });

  it('predicts a point without any cell from its clock, less surely than the others', () => {
    const { operatingPoints, cells, msAt } = known({});
    const without = cells.filter(({ operatingPoint }) => operatingPoint !== 'at 0.6');
    const { choices } = calibrate({ operatingPoints, cells: without, ...usual });
    const { predictedMs, predictedLowMs, predictedHighMs, ratio } = choices[2]!;
    expect(Math.abs(predictedMs / msAt(0.6, ratio) - 1)).toBeLessThan(0.15);
    expect(predictedHighMs / predictedLowMs).toBeGreaterThan(1.2);
    expect(choices.map(({ interpolated }) => interpolated)).toEqual([undefined, undefined, true, undefined]);
  });

  it('predicts no point whose clock is beyond those that were measured', () => {
    const { operatingPoints, cells } = known({});
    const without = cells.filter(({ operatingPoint }) => operatingPoint !== 'at 1');
    const { unmeasuredPoints, targetMs } = calibrate({ operatingPoints, cells: without, ...usual });
    expect(unmeasuredPoints).toEqual(['at 1']);
    expect(targetMs).toBeGreaterThan(calibrate({ operatingPoints, cells, ...usual }).targetMs * 1.1);
  });

  it('leaves out a point of which its clocks say nothing, and says so', () => {
    const { operatingPoints, cells } = known({});
    const unknown = [{ name: 'nameless' }, { name: 'graphics', clocks: { gpuHz: 1e9 } }];
    const result = calibrate({ operatingPoints: [...unknown, ...operatingPoints], cells, ...usual });
    expect(result.unmeasuredPoints).toEqual(['nameless', 'graphics']);
    expect(result.choices.map(({ operatingPoint }) => operatingPoint)).toEqual(
      operatingPoints.map(({ name }) => name),
    );
    const one = cells.filter(({ operatingPoint }) => operatingPoint === 'at 1');
    const alone = calibrate({ operatingPoints, cells: one, ...usual });
    expect(alone.unmeasuredPoints).toEqual(['at 0.8', 'at 0.6', 'at 0.4']);
    expect(calibrate({ operatingPoints, cells, ...usual }).unmeasuredPoints).toEqual([]);
  });

  it('is less sure of a cell that was measured once than of a figure with many runs behind it', () => {
    const widthOf = (known: object) => {
      const cells = [0, 0.5].map((ratio) => ({
        operatingPoint: 'p',
        ratio,
        p50Ms: 20 * (1 - ratio),
        ...known,
      }));
      const { predictedHighMs, predictedLowMs } = calibrate({ cells, operatingPoints: points('p'), ...usual })
        .choices[0]!;
      return predictedHighMs - predictedLowMs;
    };
    expect(widthOf({ p50LowMs: 20, p50HighMs: 20, n: 1, stdMs: 0 })).toBe(widthOf({}));
    expect(widthOf({ n: 50, stdMs: 0.5 })).toBeLessThan(widthOf({}) / 2);
  });

  it('says what accuracy is to be expected where accuracies are known', () => {
    const { operatingPoints, cells } = known({});
    const accuracies = [
      { ratio: 0, accuracy: 0.9 },
      { ratio: 0.8, accuracy: 0.82 },
    ];
    for (const { ratio, accuracy } of calibrate({ operatingPoints, cells, ...usual, accuracies }).choices) {
      expect(accuracy).toBeCloseTo(0.9 - 0.1 * ratio, 9);
    }
  });
});

describe('a point that no ratio holds', () => {
  const missOf = (parts: Parameters<typeof known>[0], targetMs: number, point = 3) => {
    const { operatingPoints, cells } = known(parts);
    const result = calibrate({ operatingPoints, cells, target: latency(targetMs), tolerance: 0.05 });
    return { ...result.choices[point]!, nearestFeasibleTargetMs: result.nearestFeasibleTargetMs };
  };

  it('is bound by overhead where that is most of what is left', () => {
    const { feasible, miss, ratio } = missOf({ overhead: 8, memory: 1, compute: 4 }, 5);
    expect(feasible).toBe(false);
    expect(miss).toMatchObject({ bound: 'overhead', nearestRatio: 0.8 });
    expect(ratio).toBe(0.8);
    expect(miss!.floorMs).toBeCloseTo(8, 0);
    expect(miss!.message).toMatch(/^too slow up to ratio 0.8: .* ms are overhead .* target 5 ms$/);
  });

  it('is bound by memory where that does not follow the clock', () => {
    const { miss } = missOf({ overhead: 0.5, memory: 40, compute: 4 }, 2);
    expect(miss).toMatchObject({ bound: 'memory', nearestRatio: 0.8 });
  });

  it('could be held by a ratio that was not measured where compute is most of it', () => {
    const { miss } = missOf({ overhead: 0.1, memory: 0.1, compute: 20 }, 4);
    expect(miss).toMatchObject({ bound: 'compute', nearestRatio: 0.8 });
    expect(miss!.message).toContain(
      'too slow up to ratio 0.8, the largest measured or allowed; a larger one',
    );
  });

  it('never has a floor above what the point itself gets down to, where pruned networks are slower', () => {
    const { operatingPoints, msAt } = known({ overhead: 4, memory: 0, compute: 10 });
    const cells = operatingPoints.flatMap(({ name }, i) => {
      const denseMs = msAt(CLOCKS[i]!, 0);
      return row(name, { 0: denseMs, 0.5: denseMs * 1.25 });
    });
    const { miss } = calibrate({ cells, operatingPoints, ...usual }).choices.at(-1)!;
    expect(miss).toMatchObject({ bound: 'overhead', nearestRatio: 0 });
    expect(miss!.floorMs).toBeLessThanOrEqual(miss!.nearestMs);
  });

  it('is bound by overhead where that alone takes longer than the target, however much compute there is', () => {
    const parts = { overhead: 6, memory: 0, compute: 60 };
    expect(missOf(parts, 5).miss).toMatchObject({ bound: 'overhead', nearestRatio: 0.8 });
    expect(missOf(parts, 8).miss).toMatchObject({ bound: 'compute', nearestRatio: 0.8 });
  });

  it('may be faster than the target without pruning', () => {
    const { miss, ratio } = missOf({}, 50, 0);
    expect(miss!.bound).toBe('faster');
    expect(ratio).toBe(0);
  });

  it('may fall past the target in one step', () => {
    const cells = row('p', { 0: 40, 0.3: 40, 0.31: 10, 0.6: 9 });
    const { choices } = calibrate({ cells, operatingPoints: points('p'), ...usual, target: latency(20) });
    expect(choices[0]).toMatchObject({ feasible: false, miss: { bound: 'step' } });
    expect([0.3, 0.31]).toContain(choices[0]!.ratio);
  });

  it('comes with the nearest target that all points hold, where there is one', () => {
    const { operatingPoints, cells } = known({});
    const ask = (targetMs: number) =>
      calibrate({ operatingPoints, cells, target: latency(targetMs), tolerance: 0.05 });
    const nearest = ask(50).nearestFeasibleTargetMs!;
    // The fastest point's dense network takes 13 ms: nothing slows it down.
    expect(Math.abs(nearest / (13 / 0.95) - 1)).toBeLessThan(0.01);
    expect(ask(nearest * 0.999).choices.every(({ feasible }) => feasible)).toBe(true);
    expect(ask(13)).not.toHaveProperty('nearestFeasibleTargetMs');
    const apart = [...row('a', { 0: 10, 0.5: 9 }), ...row('b', { 0: 100, 0.5: 90 })];
    const never = calibrate({ cells: apart, operatingPoints: points('a', 'b'), ...usual });
    expect(never).not.toHaveProperty('nearestFeasibleTargetMs');
  });
});

describe('what cannot be calibrated', () => {
  it.each([
    ['no cell at all', [], points('a'), 'cells: expected at least one'],
    ['a cell of an unknown point', row('b', { 0: 5 }), points('a'), 'cells[0].operatingPoint: "b"'],
    [
      'no dense cell',
      row('a', { 0.3: 5, 0.6: 2 }),
      points('a'),
      'the dense network (ratio 0) at least, got ratios 0.3, 0.6',
    ],
    ['a latency of 0', row('a', { 0: 0 }), points('a'), 'cells[0].p50Ms: 0'],
    ['a ratio of 1', row('a', { 1: 4 }), points('a'), 'cells[0].ratio: 1'],
    [
      'a cell given twice',
      [...row('a', { 0: 5 }), ...row('a', { 0: 5 })],
      points('a'),
      'two cells of ratio 0',
    ],
    ['no operating point', row('a', { 0: 5 }), [], 'operatingPoints'],
    ['an operating point given twice', row('a', { 0: 5 }), points('a', 'a'), '"a" is given twice'],
    [
      'a clock of 0',
      row('a', { 0: 5 }),
      [{ name: 'a', clocks: { cpuHz: 0 } }],
      'cpuHz: 0, expected a positive',
    ],
  ])('refuses a table with %s', (_, cells, operatingPoints, message) => {
    const run = () => calibrate({ cells, operatingPoints, ...usual });
    expect(run).toThrow(CalibrationError);
    expect(run).toThrow(message);
  });

  it.each([
    [{ target: { kind: 'fastest-at-ratio', ratio: 0.6 } as const }, 'target.ratio: 0.6'],
    [{ target: latency(-1) }, 'target.latencyMs: -1'],
    [{ target: { kind: 'auto', maxRatio: 1 } as const }, 'target.maxRatio: 1'],
    [{ tolerance: 0 }, 'tolerance: 0'],
    [{ maxRatio: 1 }, 'maxRatio: 1'],
    [{ maxTrainedRatios: 0 }, 'maxTrainedRatios: 0'],
    [{ accuracies: [{ ratio: 0, accuracy: 90 }] }, 'accuracies[0].accuracy: 90'],
    [{ accuracies: [] }, 'accuracies: expected at least one'],
  ])('refuses %o', (changes, message) => {
    const table = { cells: row('a', { 0: 5, 0.5: 3 }), operatingPoints: points('a') };
    expect(() => calibrate({ ...table, ...usual, ...changes })).toThrow(message);
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
  operatingPoints: curves.map((_, i) => ({ name: `p${i}` })),
  cells: curves.flatMap((latencies, i) => row(`p${i}`, latencies)),
}));
const target = fc.oneof(fc.constant(fastestDense), latencyMs.map(latency));
const tolerance = fc.double({ min: 0.001, max: 0.5, noNaN: true });
const forEvery = (check: (result: ReturnType<typeof calibrate>, cells: CalibrationCell[]) => void) =>
  fc.assert(
    fc.property(table, target, tolerance, (t, to, tol) => {
      check(calibrate({ ...t, target: to, tolerance: tol }), t.cells);
    }),
  );

describe('for every table, however odd', () => {
  it('choices stay within the measured ratios and come in steps of 0.01', () => {
    forEvery(({ choices }, cells) => {
      for (const { ratio } of choices) {
        expect(ratio).toBeLessThanOrEqual(Math.max(...cells.map((cell) => cell.ratio)));
        expect(ratio * 100).toBeCloseTo(Math.round(ratio * 100), 9);
      }
    });
  });

  it('a point is feasible exactly when its prediction is within the tolerance, else it has a reason', () => {
    forEvery(({ choices, targetMs, tolerance: tol }) => {
      for (const { feasible, miss, predictedMs } of choices) {
        expect(feasible).toBe(Math.abs(predictedMs - targetMs) <= tol * targetMs);
        expect(miss === undefined).toBe(feasible);
      }
    });
  });

  it('no choice is clearly farther from the target than the dense network', () => {
    forEvery(({ choices, targetMs, tolerance: tol }) => {
      for (const { denseMs, predictedMs } of choices) {
        const limit = Math.abs(denseMs - targetMs) + 0.1 * tol * targetMs + 1e-9;
        expect(Math.abs(predictedMs - targetMs)).toBeLessThanOrEqual(limit);
      }
    });
  });

  it('the ratio schedule is ascending, without duplicates, and starts with the dense network', () => {
    forEvery(({ ratios, choices }) => {
      expect(ratios[0]).toBe(0);
      expect(ratios.every((ratio, i) => i === 0 || ratio > ratios[i - 1]!)).toBe(true);
      for (const choice of choices) expect(ratios).toContain(choice.ratio);
    });
  });
});
