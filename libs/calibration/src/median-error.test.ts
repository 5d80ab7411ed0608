import { medianError, medianInterval } from './median-error.js';

describe('the error of a median', () => {
  it('is a quarter of a 95 % interval, roughly', () => {
    expect(medianError({ p50Ms: 100, p50LowMs: 98.04, p50HighMs: 101.96, n: 12 })).toBeCloseTo(0.01, 9);
    expect(medianError({ p50Ms: 100, p50LowMs: 98.04, p50HighMs: 101.96 })).toBeCloseTo(0.01, 9);
    expect(medianError({ p50Ms: 100, p50LowMs: 100, p50HighMs: 100, n: 12 })).toBe(0.001);
  });

  it('comes from number and standard deviation where there is no interval', () => {
    expect(medianError({ p50Ms: 42.435, n: 50, stdMs: 2 })).toBeCloseTo(
      (1.25 * 2) / Math.sqrt(50) / 42.435,
      9,
    );
    expect(medianError({ p50Ms: 10, n: 50, stdMs: 0 })).toBe(0.001);
  });

  it('is 2 % where nothing is known of it, or there is one sample', () => {
    expect(medianError({ p50Ms: 10 })).toBe(0.02);
    expect(medianError({ p50Ms: 10, n: 50 })).toBe(0.02);
    expect(medianError({ p50Ms: 10, p50LowMs: 10, p50HighMs: 10, n: 1, stdMs: 0 })).toBe(0.02);
  });

  it('is wider than smallest to largest of few samples says, and never less than what so few can tell', () => {
    const of = (n: number, half: number) =>
      medianError({ p50Ms: 100, p50LowMs: 100 - half, p50HighMs: 100 + half, n });
    // Two samples have the median between them in one case of two: 0.674 standard deviations.
    expect(of(2, 6.74)).toBeCloseTo(0.1, 9);
    expect(of(5, 18.63)).toBeCloseTo(0.1, 9);
    expect(of(6, 19.6)).toBeCloseTo(0.1, 9);
    expect(of(4, 0)).toBe(0.01);
    const errors = [1, 2, 3, 4, 5, 6].map((n) => of(n, 0.1));
    expect(errors).toEqual([...errors].sort((a, b) => b - a));
  });

  it('gives the interval that was measured, and else one of its own', () => {
    const skewed = { p50Ms: 100, p50LowMs: 99, p50HighMs: 104 };
    expect(medianInterval({ ...skewed, n: 12 })).toEqual({ lowMs: 99, highMs: 104 });
    expect(medianInterval(skewed)).toEqual({ lowMs: 99, highMs: 104 });
    const few = medianInterval({ ...skewed, n: 2 });
    expect(few.lowMs).toBeCloseTo(100 - (1.96 * 2.5) / 0.674, 9);
    expect(few.highMs).toBeCloseTo(100 + (1.96 * 2.5) / 0.674, 9);
    const { lowMs, highMs } = medianInterval({ p50Ms: 100 });
    expect([lowMs, highMs]).toEqual([expect.closeTo(96.08, 9), expect.closeTo(103.92, 9)]);
  });
});
