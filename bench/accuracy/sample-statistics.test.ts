import { MAX_SAMPLES, sampleStatistics } from './sample-statistics.js';

/** P(T <= t), by Simpson's rule over the density, whose constant follows from that it integrates to 1. */
function studentCdf(t: number, freedom: number): number {
  const density = (x: number) => (1 + (x * x) / freedom) ** (-(freedom + 1) / 2);
  // x = tan(u) brings the infinite range into a finite one, whose ends contribute nothing for 2 degrees and more.
  const integral = (from: number, to: number, pieces = 4000) => {
    const step = (to - from) / pieces;
    const at = (i: number) => {
      const u = from + i * step;
      return density(Math.tan(u)) / Math.cos(u) ** 2;
    };
    let sum = 0;
    for (let i = 0; i < pieces; i++) sum += at(i) + 4 * at(i + 0.5) + at(i + 1);
    return (sum * step) / 6;
  };
  const end = Math.PI / 2 - 1e-9;
  return 0.5 + integral(0, Math.atan(t)) / (2 * integral(0, end));
}

describe('statistics over seeds', () => {
  it('of five values by hand', () => {
    // Deviations -2 -1 0 1 2: variance 10 / 4, half width 2.7764 x 1.5811 / 2.2361.
    const { mean, standardDeviation, interval } = sampleStatistics([3, 1, 2, 5, 4]);
    expect(mean).toBe(3);
    expect(standardDeviation).toBeCloseTo(1.5811, 4);
    expect(interval![0]).toBeCloseTo(3 - 1.9632, 4);
    expect(interval![1]).toBeCloseTo(3 + 1.9632, 4);
  });

  it('of two values by hand', () => {
    const { interval } = sampleStatistics([-1, 1]);
    expect(interval![1]).toBeCloseTo(12.7062, 4);
  });

  it('of one value has no deviation', () => {
    expect(sampleStatistics([7])).toEqual({ mean: 7 });
  });

  it('refuses none and more than it has quantiles for', () => {
    expect(() => sampleStatistics([])).toThrow(RangeError);
    expect(() => sampleStatistics(Array(MAX_SAMPLES + 1).fill(0))).toThrow('32 values, expected 1 to 31');
  });

  it.each(Array.from({ length: MAX_SAMPLES - 1 }, (_, i) => i + 1))(
    'has the quantile of %d degrees of freedom',
    (freedom) => {
      // Two halves of the sample at -1 and 1, or one value more at 0: the interval gives the quantile back.
      const size = freedom + 1;
      const values = Array.from({ length: size }, (_, i) =>
        i === size - 1 && size % 2 ? 0 : i % 2 ? 1 : -1,
      );
      const { mean, standardDeviation, interval } = sampleStatistics(values);
      const quantile = ((interval![1] - mean) * Math.sqrt(size)) / standardDeviation!;
      expect(studentCdf(quantile, freedom)).toBeCloseTo(0.975, 5);
    },
  );
});
