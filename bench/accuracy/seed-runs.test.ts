import { FULL_SCALE } from './scale.js';
import { seedCounts, type SeedCounts } from './seed-runs.js';

it.each<[Partial<SeedCounts>, SeedCounts]>([
  [{}, { seeds: 5, peerSeeds: 2 }],
  [{ seeds: 1 }, { seeds: 1, peerSeeds: 1 }],
  [{ seeds: 9 }, { seeds: 9, peerSeeds: 2 }],
  [{ peerSeeds: 5 }, { seeds: 5, peerSeeds: 5 }],
])('asked for %j, there are %j', (asked, counts) => {
  expect(seedCounts(FULL_SCALE, asked)).toEqual(counts);
});

it('refuses more seeds than there are statistics of', () => {
  expect(() => seedCounts(FULL_SCALE, { peerSeeds: 32 })).toThrow('32 seeds, expected at most 31');
});
