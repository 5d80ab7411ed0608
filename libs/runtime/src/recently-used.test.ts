import { RecentlyUsed } from './recently-used.js';

test('forgets the value that was used least recently when there are too many', () => {
  const kept = new RecentlyUsed<number>({ maxEntries: 2 });
  kept.set('a', 1);
  kept.set('b', 2);
  expect(kept.get('a')).toBe(1);
  kept.set('c', 3);
  expect([kept.get('a'), kept.get('b'), kept.get('c')]).toEqual([1, undefined, 3]);
  kept.set('a', 4);
  expect([kept.get('a'), kept.get('c')]).toEqual([4, 3]);
});

test('forgets values that are too old, however often they are used', () => {
  let now = 0;
  const kept = new RecentlyUsed<number>({ maxEntries: 2, maxAgeMs: 10, now: () => now });
  kept.set('a', 1);
  now = 10;
  expect(kept.get('a')).toBe(1);
  now = 11;
  expect(kept.get('a')).toBeUndefined();
});
