import fc from 'fast-check';
import { CalibrationError, stabilityOf, summarise } from './index.js';

describe('summarise', () => {
  it('gives the hand-computed statistics of five samples, in any order', () => {
    const summary = summarise([30, 10, 50, 20, 40]);
    expect(summary).toMatchObject({ n: 5, p50Ms: 30, meanMs: 30, p50LowMs: 10, p50HighMs: 50 });
    expect(summary.p90Ms).toBeCloseTo(46, 12);
    expect(summary.p99Ms).toBeCloseTo(49.6, 12);
    expect(summary.stdMs).toBeCloseTo(Math.sqrt(250), 12);
  });

  it('takes the ranks of published tables for the interval of the median', () => {
    const samples = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
    // Ranks (from 1) of the 95 % interval: n = 6: 1 and 6, n = 12: 3 and 10, n = 20: 6 and 15, n = 100: 40 and 61.
    for (const [n, low, high] of [
      [6, 1, 6],
      [12, 3, 10],
      [20, 6, 15],
      [100, 40, 61],
    ] as const) {
      expect(summarise(samples(n))).toMatchObject({ p50LowMs: low, p50HighMs: high });
    }
  });

  it('changes smoothly where the exact ranks give way to the approximation', () => {
    const low = (n: number) => summarise(Array.from({ length: n }, (_, i) => i + 1)).p50LowMs;
    expect(Math.abs(low(1001) - low(1000))).toBeLessThanOrEqual(2);
    expect(low(20_000)).toBeGreaterThan(9_850);
  });

  it('orders its percentiles for every list of samples', () => {
    const samples = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(samples, (list) => {
        const s = summarise(list);
        const ordered = [Math.min(...list), s.p50LowMs, s.p50Ms, s.p50HighMs, Math.max(...list)];
        expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
        expect(s.p90Ms).toBeGreaterThanOrEqual(s.p50Ms);
        expect(s.p99Ms).toBeGreaterThanOrEqual(s.p90Ms);
      }),
    );
  });

  it('refuses no samples and impossible ones', () => {
    expect(() => summarise([])).toThrow(CalibrationError);
    expect(() => summarise([1, NaN])).toThrow('samplesMs[1]: NaN');
    expect(() => summarise([1, 2, 0])).toThrow('samplesMs[2]: 0');
  });
});

describe('stabilityOf', () => {
  it('gives the hand-computed spread, variance and coefficient of variation', () => {
    expect(stabilityOf([10, 20, 30])).toEqual({
      spread: 3,
      varianceMs2: 200 / 3,
      cov: Math.sqrt(200 / 3) / 20,
    });
    expect(stabilityOf([7])).toEqual({ spread: 1, varianceMs2: 0, cov: 0 });
  });

  it('refuses no latencies and impossible ones', () => {
    expect(() => stabilityOf([])).toThrow(CalibrationError);
    expect(() => stabilityOf([1, -1])).toThrow('-1 is not a positive latency');
  });
});
