import { isSteady, warmupLeft } from './warm-up.js';

const limits = { warmupSamples: 2, relativeInterval: 0.02 };

it('a network is warm when the last samples took as long as those before them', () => {
  expect(warmupLeft([9, 7], limits)).toBe(2);
  expect(warmupLeft([9, 7, 6, 5], limits)).toBe(2);
  expect(warmupLeft([9, 7, 5, 5, 5, 5.05], limits)).toBe(0);
});

it('warming up is given up after five times as many samples', () => {
  const falling = Array.from({ length: 10 }, (_, i) => 100 - 8 * i);
  expect(warmupLeft(falling.slice(0, 8), limits)).toBe(2);
  expect(warmupLeft(falling, limits)).toBe(0);
  expect(isSteady(falling, limits)).toBe(false);
});

it('without warm-up nothing is known to be steady', () => {
  expect(isSteady([1, 1, 1, 1], { ...limits, warmupSamples: 0 })).toBe(false);
});
