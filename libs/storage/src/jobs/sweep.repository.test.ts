import { randomUUID } from 'node:crypto';
import { CreateSweep, newAudit, type Actor, type Job } from '#contracts';
import { submission, type NewSweep } from '#jobs';
import { aDataset, aJob, aJobRequest, testStorage, waitUntil, type TestStorage } from '#testkit';

let store: TestStorage;
let datasetId: string;
beforeAll(async () => {
  store = await testStorage();
  const dataset = aDataset(store.actor);
  await store.storage.datasets.create(dataset);
  datasetId = dataset.id;
});
afterAll(() => store.close());

function aSweep(count = 2, actor: Actor = store.actor): NewSweep {
  const audit = newAudit(actor, randomUUID(), new Date());
  const jobs = Array.from({ length: count }, () =>
    submission(aJob(actor, { sweepId: audit.id, spec: aJobRequest({ datasetId }) })),
  );
  const { model, network } = aJobRequest();
  const spec = CreateSweep.parse({ base: { model, network, datasetId, ratios: [0] }, axes: { seeds: [1] } });
  const members = jobs.map(({ job }, seed) => ({ jobId: job.id, values: { seed } }));
  return { sweep: { ...audit, spec, state: 'running', members }, jobs, events: [] };
}

test('a sweep that cannot be stored whole is not stored at all', async () => {
  const { sweeps, jobs } = store.storage;
  const stored = aSweep();
  await sweeps.create(stored);
  const other = aSweep();
  const twice = { ...stored.jobs[0]!.job, sweepId: other.sweep.id };
  await expect(sweeps.create({ ...other, jobs: [other.jobs[0]!, submission(twice)] })).rejects.toThrow();
  expect(await sweeps.load(other.sweep.id)).toBeUndefined();
  expect(await jobs.load(other.jobs[0]!.job.id)).toBeUndefined();
  const messages = await store.storage.sweepOutbox.pending(100);
  expect(messages.map(({ message }) => message)).not.toContainEqual({ sweepId: other.sweep.id });
});

test('reads a sweep and its jobs in their order, for its team alone', async () => {
  const { sweeps } = store.storage;
  const made = aSweep(5);
  await sweeps.create(made);
  const found = (await sweeps.find(store.actor, made.sweep.id))!;
  expect(found.sweep).toEqual(made.sweep);
  const ids = made.jobs.map(({ job }) => job.id);
  expect(found.jobs.map(({ id }) => id)).toEqual(ids);
  expect(found.jobs[0]).toEqual({ id: ids[0], state: 'queued', stage: 'train', attempt: 0 });
  expect((await sweeps.jobs(made.sweep.id)).map(({ id }: Job) => id)).toEqual(ids);
  expect(await sweeps.find(store.stranger, made.sweep.id)).toBeUndefined();
  expect(await sweeps.find(store.actor, 'no id')).toBeUndefined();
});

test('lists sweeps newest first, page by page, with their jobs counted by state', async () => {
  const { sweeps, jobs } = store.storage;
  const actor = { ...store.actor };
  const made = [aSweep(1), aSweep(2), aSweep(3)].map(({ sweep, ...rest }, second) => ({
    ...{
      ...rest,
      sweep: { ...sweep, createdAt: new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString() },
    },
  }));
  for (const each of made) await sweeps.create(each);
  await jobs.update(made[2]!.jobs[0]!.job.id, (job) => ({
    ...{ messages: [], job: { ...job, state: 'failed' } },
    events: [{ type: 'state', state: 'failed', stage: 'train', attempt: 0 }],
  }));
  const first = await sweeps.list(actor, { limit: 2 });
  expect(first.items.map(({ sweep }) => sweep.id)).toEqual([made[2]!.sweep.id, made[1]!.sweep.id]);
  expect(first.items.map(({ counts }) => counts)).toEqual([{ queued: 2, failed: 1 }, { queued: 2 }]);
  expect(first.items[0]!.sweep.failed).toBe('some');
  const second = await sweeps.list(actor, { limit: 2, cursor: first.nextCursor });
  expect(second.items[0]!.sweep.id).toBe(made[0]!.sweep.id);
  expect((await sweeps.list(store.stranger, { limit: 10 })).items).toEqual([]);
});

test('what a job does is told of its sweep in the same transaction, to listeners too', async () => {
  const { sweeps, jobs, wakeups } = store.storage;
  const made = aSweep(2);
  const { id } = made.jobs[0]!.job;
  let heard = 0;
  const unsubscribe = wakeups.onSweepEvents(made.sweep.id, () => heard++);
  await sweeps.create(made);
  const state = { type: 'state', state: 'running', stage: 'train', attempt: 1 } as const;
  await jobs.update(id, (job) => ({
    job: { ...job, state: 'running' },
    ...{ messages: [], events: [state, { type: 'waiting', reason: 'told of no sweep' }] },
  }));
  await waitUntil('both are told', () => heard === 2);
  unsubscribe();
  expect(await sweeps.eventsAfter(store.actor, made.sweep.id, 0, 10)).toMatchObject([
    { sequence: 1, event: { ...state, type: 'job', jobId: id } },
  ]);
  expect(await sweeps.eventsAfter(store.actor, made.sweep.id, 1, 10)).toEqual([]);
  expect(await sweeps.eventsAfter(store.stranger, made.sweep.id, 0, 10)).toEqual([]);
});

test('finds what has not ended and was not touched lately', async () => {
  const { sweeps } = store.storage;
  const made = aSweep(1);
  await sweeps.create(made);
  const idsUntil = async (untouchedSince: Date, afterId?: string) =>
    (await sweeps.unfinished({ untouchedSince, limit: 100, afterId })).map(({ id }) => id);
  const later = new Date(Date.now() + 60_000);
  expect(await idsUntil(later)).toContain(made.sweep.id);
  expect(await idsUntil(later, made.sweep.id)).not.toContain(made.sweep.id);
  expect(await idsUntil(new Date(made.sweep.createdAt))).not.toContain(made.sweep.id);
  await sweeps.update(made.sweep.id, (sweep) => ({
    ...{ sweep: { ...sweep, state: 'cancelled' }, events: [], lookAgain: false },
  }));
  expect(await idsUntil(later)).not.toContain(made.sweep.id);
  await expect(
    sweeps.update(randomUUID(), (sweep) => ({ sweep, events: [], lookAgain: false })),
  ).rejects.toMatchObject({ code: 'not_found' });
});
