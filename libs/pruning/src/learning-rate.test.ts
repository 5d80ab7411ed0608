import { learningRateFactor } from './learning-rate.js';

test('the learning rate rises over a few steps, then falls to almost nothing', () => {
  const factors = Array.from({ length: 2000 }, (_, step) => learningRateFactor(step, 2000));
  expect(factors[0]).toBeCloseTo(1 / 51);
  expect(factors[50]).toBe(1);
  expect(factors.slice(50)).toEqual(factors.slice(50).sort((a, b) => b - a));
  expect(factors[1025]).toBeCloseTo(0.5, 3);
  expect(factors[1999]).toBeLessThan(1e-5);
});

test('a run of one step has a learning rate above zero', () => {
  expect(learningRateFactor(0, 1)).toBeGreaterThan(0);
});
