import { calibrate } from './index.js';
import { known, latency, points, row } from './testing/known-device.js';

const table = known({});
const ask = (targetMs: number, mode: 'stable' | 'deadline' = 'deadline') =>
  calibrate({ ...table, target: latency(targetMs), tolerance: 0.05, mode });

describe('a deadline', () => {
  it('is kept with the whole interval, at the smallest ratio that does', () => {
    const stable = ask(13, 'stable').choices;
    ask(13).choices.forEach((choice, i) => {
      expect(choice.predictedHighMs).toBeLessThanOrEqual(13);
      expect(choice.slackMs).toBeCloseTo(13 - choice.predictedHighMs, 5);
      expect(choice.ratio).toBeGreaterThanOrEqual(stable[i]!.ratio);
      expect(choice.ratio).toBeLessThan(stable[i]!.ratio + 0.15);
    });
  });

  it('that a point misses comes with the shortest that all points keep', () => {
    const { nearestFeasibleTargetMs, choices } = ask(3);
    expect(nearestFeasibleTargetMs).toBe(Math.max(...choices.map(({ predictedHighMs }) => predictedHighMs)));
    const shortest = nearestFeasibleTargetMs!;
    expect(ask(shortest).choices.every(({ feasible }) => feasible)).toBe(true);
    expect(ask(shortest)).not.toHaveProperty('nearestFeasibleTargetMs');
    const missed = ask(shortest * 0.999);
    expect(missed.choices.filter(({ feasible }) => !feasible)).toHaveLength(1);
    expect(missed.nearestFeasibleTargetMs).toBe(shortest);
  });

  it('is never too long', () => {
    const { choices } = ask(1000);
    for (const { ratio, feasible } of choices) expect([ratio, feasible]).toEqual([0, true]);
  });

  it('is missed for uncertainty where only the interval ends behind it', () => {
    const single = { operatingPoints: points('p'), cells: row('p', { 0: 20, 0.5: 10 }), tolerance: 0.05 };
    const wanted = (targetMs: number, mode: 'stable' | 'deadline') =>
      calibrate({ ...single, target: latency(targetMs), mode }).choices[0]!;
    const { predictedMs, predictedHighMs } = wanted(1, 'deadline');
    const between = (predictedMs + predictedHighMs) / 2;
    const { feasible, miss, ratio } = wanted(between, 'deadline');
    expect([feasible, ratio, miss!.bound]).toEqual([false, 0.5, 'uncertainty']);
    expect(miss!.message).toMatch(/^expected in time, but it may take up to 10\.\d+ ms: /);
    expect(wanted(between, 'stable').feasible).toBe(true);
    expect(wanted(predictedMs * 0.9, 'deadline').miss!.bound).not.toBe('uncertainty');
  });
});
