import { quantile, spreadOf } from './quantile.js';

test('a quantile is a value that was measured', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(
    quantile(
      Array.from({ length: 100 }, (_, i) => i + 1),
      0.99,
    ),
  ).toBe(99);
  expect(quantile([5], 0)).toBe(5);
  expect(() => quantile([], 0.5)).toThrow(RangeError);
  expect(spreadOf([1, 2])).toEqual({ count: 2, p50: 1, p90: 2, p99: 2, p999: 2, max: 2 });
});
