import { randomUUID } from 'node:crypto';
import type { JobProgress, StoredJobEvent } from '#contracts';
import { aCandidate, aJobRequest, aJobWorld, aVersionDraft } from '#testkit';
import { followJob } from './follow-job.js';
import type { JobWakeups } from './job-wakeups.port.js';
import { SharedWakeups } from './shared-wakeups.js';

const progress: JobProgress = { stage: 'train', step: 1, steps: 10, fraction: 0.1 };
const deaf: JobWakeups = { onJobEvents: () => () => {}, onOutbox: () => () => {} };

async function submittedWorld() {
  const world = aJobWorld();
  const job = await world.service.submit(world.actor, aJobRequest({ datasetId: world.dataset.id }));
  const follow = (changes: Partial<Parameters<typeof followJob>[0]> = {}) =>
    followJob({
      jobs: world.store,
      wakeups: world.store,
      actor: world.actor,
      jobId: job.id,
      afterSequence: 0,
      signal: new AbortController().signal,
      ...changes,
    });
  const finish = async () => {
    const { reports } = world;
    const begin = async (stage: 'train' | 'publish') =>
      (await reports.begin({ jobId: job.id, stage, generation: 0 }))!.attempt;
    await reports.trained(job.id, await begin('train'), aCandidate());
    await reports.published(job.id, await begin('publish'), aVersionDraft(job));
  };
  return { ...world, job, follow, finish };
}

async function collect(events: AsyncIterable<StoredJobEvent>): Promise<number[]> {
  const sequences: number[] = [];
  for await (const event of events) sequences.push(event.sequence);
  return sequences;
}

describe('following a job', () => {
  it('gives every event as it comes and ends after the final one', async () => {
    const { follow, finish, reports, job } = await submittedWorld();
    const all = collect(follow());
    const { attempt } = (await reports.begin({ jobId: job.id, stage: 'train', generation: 0 }))!;
    for (let i = 0; i < 20; i++) await reports.progress(job.id, attempt, progress);
    await finish();
    const sequences = await all;
    expect(sequences).toEqual(Array.from({ length: 28 }, (_, i) => i + 1));
  });

  it('goes on behind the event that the client saw last', async () => {
    const { follow, finish } = await submittedWorld();
    await finish();
    expect(await collect(follow({ afterSequence: 3 }))).toEqual([4, 5, 6, 7]);
  });

  it('ends at once for a client that saw everything', async () => {
    const { follow, finish } = await submittedWorld();
    await finish();
    expect(await collect(follow({ afterSequence: 7 }))).toEqual([]);
  });

  it('reads a long history to its end', async () => {
    const { follow, finish, reports, job } = await submittedWorld();
    const { attempt } = (await reports.begin({ jobId: job.id, stage: 'train', generation: 0 }))!;
    for (let i = 0; i < 1200; i++) await reports.progress(job.id, attempt, progress);
    await finish();
    expect(await collect(follow())).toHaveLength(1208);
  });

  it('finds events whose wake-up got lost', async () => {
    const { follow, finish } = await submittedWorld();
    const polling = new SharedWakeups((id, listener) => deaf.onJobEvents(id, listener), 5);
    const all = collect(follow({ wakeups: { onJobEvents: polling.on } }));
    await finish();
    expect(await all).toHaveLength(7);
  });

  it('ends when the client leaves', async () => {
    const { follow } = await submittedWorld();
    const client = new AbortController();
    const all = collect(follow({ signal: client.signal }));
    client.abort();
    expect((await all).length).toBeLessThanOrEqual(1);
  });

  it('says that a job is unknown', async () => {
    const { follow } = await submittedWorld();
    await expect(collect(follow({ jobId: randomUUID() }))).rejects.toMatchObject({ code: 'not_found' });
  });
});
