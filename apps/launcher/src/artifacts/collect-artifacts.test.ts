import { randomBytes } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { testStorage, type TestStorage } from '#testkit';
import { collectArtifacts } from './collect-artifacts.js';

let store: TestStorage;
beforeEach(async () => void (store = await testStorage()));
afterEach(() => store.close());

test('tells what would be removed, and removes it', async () => {
  const { digest } = await store.storage.artifacts.putBytes(randomBytes(10));
  const yesterday = new Date(Date.now() - 24 * 3_600_000);
  utimesSync(store.artifactFile(digest), yesterday, yesterday);
  const collect = (graceHours: number, dryRun: boolean) => collectArtifacts(store, { graceHours, dryRun });
  expect(await collect(25, false)).toBe('removed 0 files (0 bytes), 0 entries of teams\n');
  expect(await collect(1, true)).toBe('would remove 1 files (10 bytes), 0 entries of teams\n');
  expect(await store.storage.artifacts.find(digest)).toBeDefined();
  expect(await collect(1, false)).toBe('removed 1 files (10 bytes), 0 entries of teams\n');
  expect(await store.storage.artifacts.find(digest)).toBeUndefined();
});
