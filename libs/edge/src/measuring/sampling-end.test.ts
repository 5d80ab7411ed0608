import { nextSamples, relativeIntervalOf, samplingEnd } from './sampling-end.js';

const limits = { samples: 6, maxSamples: 20, relativeInterval: 0.02, cellSeconds: 10 };
const around = (ms: number, spread: number, count: number) =>
  Array.from({ length: count }, (_, i) => ms * (1 + spread * (i % 2 === 0 ? 1 : -1)));

describe('the sampling of a cell ends', () => {
  it('when the interval of the median is narrow enough', () => {
    expect(samplingEnd(around(10, 0.001, 6), 1, limits)).toBe('interval');
    expect(relativeIntervalOf(around(10, 0.001, 6))).toBeCloseTo(0.002);
  });

  it('never before the minimum, nor on an interval of fewer samples than reach 95 %', () => {
    expect(samplingEnd(around(10, 0, 5), 99, limits)).toBeUndefined();
    expect(samplingEnd(around(10, 0, 3), 1, { ...limits, samples: 3 })).toBeUndefined();
  });

  it('when there are many samples, or the time is over', () => {
    const wide = (count: number) => around(10, 0.2, count);
    expect(samplingEnd(wide(19), 1, limits)).toBeUndefined();
    expect(samplingEnd(wide(20), 1, limits)).toBe('max-samples');
    expect(samplingEnd(wide(8), 10, limits)).toBe('cell-seconds');
  });

  it('with the minimum where that is more than the maximum', () => {
    expect(samplingEnd(around(10, 0.2, 30), 1, { ...limits, samples: 30 })).toBe('max-samples');
  });
});

describe('the number of samples taken in one go', () => {
  it('is the minimum, then half of it, and no more than the maximum leaves', () => {
    expect(nextSamples(0, 0, limits)).toBe(6);
    expect(nextSamples(6, 1, limits)).toBe(3);
    expect(nextSamples(19, 1, limits)).toBe(1);
  });

  it('is what fits into the time that is left, at least one', () => {
    expect(nextSamples(6, 8, { ...limits, samples: 6 })).toBe(2);
    expect(nextSamples(6, 9.99, limits)).toBe(1);
  });
});
