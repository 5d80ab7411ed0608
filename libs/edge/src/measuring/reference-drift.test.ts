import { driftOf } from './reference-drift.js';

const tight = (ms: number) => [0.999, 0.9995, 1, 1, 1, 1.0005, 1.001].map((factor) => ms * factor);
const wide = (ms: number) => [0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.2].map((factor) => ms * factor);

it('a change beyond the limit is drift, up or down', () => {
  expect(driftOf(tight(10), tight(10.5), 0.03)).toMatchObject({
    drifted: true,
    change: expect.closeTo(0.05, 6),
  });
  expect(driftOf(tight(10), tight(9.5), 0.03)).toMatchObject({
    drifted: true,
    change: expect.closeTo(-0.05, 6),
  });
});

it('a change within the limit is none', () => {
  expect(driftOf(tight(10), tight(10.2), 0.03).drifted).toBe(false);
});

it('a change that the spread of the samples explains is none', () => {
  const drift = driftOf(wide(10), wide(10.5), 0.03);
  expect(drift.drifted).toBe(false);
  expect(drift.low).toBeLessThan(0);
  expect(drift.high).toBeGreaterThan(0.05);
});
