import { LatencyGroups } from './latency-groups.js';

test('latencies are counted by operating point and ratio', () => {
  const groups = new LatencyGroups();
  for (let ms = 100; ms >= 1; ms--) groups.add('fast', 0, ms);
  groups.add('slow', 0.5, 7);
  groups.add('fast', 0.3, 8);
  expect(groups.summaries()).toEqual([
    { operatingPoint: 'fast', ratio: 0, count: 100, p50Ms: 50, p99Ms: 99 },
    { operatingPoint: 'slow', ratio: 0.5, count: 1, p50Ms: 7, p99Ms: 7 },
    { operatingPoint: 'fast', ratio: 0.3, count: 1, p50Ms: 8, p99Ms: 8 },
  ]);
});

test('quantiles are told from the newest ones alone, so that memory is bounded', () => {
  const groups = new LatencyGroups();
  for (let i = 0; i < 10_000; i++) groups.add('fast', 0, 1);
  for (let i = 0; i < 10_000; i++) groups.add('fast', 0, 3);
  expect(groups.summaries()).toEqual([
    { operatingPoint: 'fast', ratio: 0, count: 20_000, p50Ms: 3, p99Ms: 3 },
  ]);
});
