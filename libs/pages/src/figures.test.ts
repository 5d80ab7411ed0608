import { seconds } from './figures.js';

test.each([
  [0.04, '0.0 s'],
  [59.94, '59.9 s'],
  [59.96, '1 min 0 s'],
  [60.4, '1 min 0 s'],
  [119.6, '2 min 0 s'],
  [419.7, '7 min 0 s'],
])('a duration of %d s is written as %s', (value, text) => {
  expect(seconds(value)).toBe(text);
});
