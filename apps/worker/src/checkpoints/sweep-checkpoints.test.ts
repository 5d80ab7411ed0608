import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Job } from '#contracts';
import { aCandidate, aJob, anActor, testStorage, type TestStorage } from '#testkit';
import { sweepCheckpoints } from './sweep-checkpoints.js';

let kept: TestStorage;
beforeEach(async () => void (kept = await testStorage()));
afterEach(() => kept.close());

const NOW = new Date('2030-01-01T00:00:00.000Z');
const DAY = 24 * 60 * 60 * 1000;
const ended = (state: 'failed' | 'cancelled', daysAgo: number): Job =>
  aJob(anActor(), { state, finishedAt: new Date(NOW.getTime() - daysAgo * DAY).toISOString() });

/** Stores a checkpoint of a job by each of two attempts, and says of which jobs any are left after a sweep. */
async function leftOf(jobs: readonly Job[], others: readonly string[] = []): Promise<string[]> {
  const { objectFiles } = kept.storage;
  const file = path.join(kept.folder, 'checkpoint');
  await writeFile(file, 'checkpoint');
  for (const id of [...jobs.map((job) => job.id), ...others])
    for (const attempt of [1, 2])
      await objectFiles.put(`checkpoints/${id}/${attempt}/1-00000001.safetensors`, file);
  await objectFiles.put('notes/1', file);
  await sweepCheckpoints(objectFiles, (id) => Promise.resolve(jobs.find((job) => job.id === id)), NOW);
  const keys = (await objectFiles.list('')).map(({ key }) => key);
  expect(keys).toContain('notes/1');
  return [...new Set(keys.map((key) => key.split('/')[1]!))].filter((id) => id !== '1');
}

test('what jobs go on from stays; what is left of those that trained, or are gone, goes', async () => {
  const training = aJob(anActor(), { state: 'running', attempt: 2 });
  const waiting = aJob(anActor(), { state: 'queued', attempt: 1 });
  const paused = aJob(anActor(), { state: 'paused', attempt: 1 });
  const publishing = aJob(anActor(), { state: 'running', stage: 'publish', candidate: aCandidate() });
  const deleted = randomUUID();
  const left = await leftOf([training, waiting, paused, publishing], [deleted]);
  expect(left.sort()).toEqual([training.id, waiting.id, paused.id].sort());
});

test('those of a training that failed, diverged say, or was cancelled stay for a week', async () => {
  const jobs = [ended('failed', 6), ended('failed', 8), ended('cancelled', 6), ended('cancelled', 8)];
  expect((await leftOf(jobs)).sort()).toEqual([jobs[0]!.id, jobs[2]!.id].sort());
});

test('there is nothing to sweep where nobody ever trained', async () => {
  await expect(
    sweepCheckpoints(kept.storage.objectFiles, () => Promise.resolve(undefined), NOW),
  ).resolves.toBeUndefined();
});
