import { AppError, CreateSweep, type JobState, type Sweep } from '#contracts';
import type { SweepMessage } from '#jobs';
import { wireService, type Service } from '#service';
import { aCandidate, aDataset, aJobRequest, testStorage, type TestStorage } from '#testkit';

let store: TestStorage;
let service: Service;
let datasetId: string;
beforeAll(async () => {
  store = await testStorage();
  service = wireService(store.storage);
  const dataset = aDataset(store.actor);
  await store.storage.datasets.create(dataset);
  datasetId = dataset.id;
});
afterAll(() => store.close());

/** What jobs have in common, without ratios. */
function aBase() {
  const { model, network } = aJobRequest();
  return { model, network, datasetId };
}

function aSweep(changes: object = {}): CreateSweep {
  return CreateSweep.parse({
    base: { ...aBase(), ratios: [0, 0.5] },
    axes: { seeds: [1, 2, 3], methods: ['all-in-one'] },
    ...changes,
  });
}
const submit = (changes: object = {}) =>
  service.sweeps.submit(store.actor, aSweep(changes), (job) => service.jobs.prepare(store.actor, job));
const read = ({ id }: Sweep) => service.sweeps.get(store.actor, id);
const statesOf = ({ children }: Sweep): JobState[] => children.map(({ state }) => state);

/** What the outbox has for the queue about the sweep; it is taken out. */
async function sent({ id }: Sweep): Promise<SweepMessage[]> {
  const rows = (await store.storage.sweepOutbox.pending(1000)).filter((row) => row.message.sweepId === id);
  await store.storage.sweepOutbox.markSent(rows.map((row) => row.id));
  return rows.map(({ message }) => message);
}

/** Does what workers do about messages: looks at the sweep until nobody asks for it. */
async function settle(sweep: Sweep): Promise<Sweep> {
  while ((await sent(sweep)).some(({ sequence }) => sequence !== undefined))
    await service.sweeps.look(sweep.id);
  return read(sweep);
}

/** Has a worker take a job and end it. */
async function work(jobId: string, end: 'succeeded' | 'failed'): Promise<void> {
  const { workerReports: reports } = service;
  const { generation } = await service.jobs.get(store.actor, jobId);
  const { attempt } = (await reports.begin({ jobId, stage: 'train', generation }))!;
  if (end === 'failed') {
    const error = { code: 'training_diverged', fault: 'user', message: 'loss is NaN' } as const;
    await reports.failed(jobId, attempt, error, false);
    return;
  }
  await reports.trained(jobId, attempt, aCandidate());
}

describe('a sweep', () => {
  const submitShort = (changes: object = {}) =>
    submit({ base: { ...aBase(), ratios: [0, 0.5], until: 'train' }, ...changes });

  test('is stored with all of its jobs, each like one that was submitted alone, and one message', async () => {
    const sweep = await submitShort({ labels: { team: 'vision' }, priority: 7 });
    expect(statesOf(sweep)).toEqual(['queued', 'queued', 'queued']);
    expect(sweep).toMatchObject({ state: 'running', counts: { queued: 3 } });
    expect(await read(sweep)).toEqual(sweep);
    for (const { jobId, values } of sweep.children) {
      const job = await service.jobs.get(store.actor, jobId);
      expect(job).toMatchObject({ sweepId: sweep.id, priority: 7, ratios: [0, 0.5], stage: 'train' });
      expect(job.spec).toMatchObject({ training: values, labels: { team: 'vision' }, until: 'train' });
    }
    expect(await sent(sweep)).toEqual([{ sweepId: sweep.id }]);
    const jobIds = sweep.children.map(({ jobId }) => jobId);
    const others = await store.storage.outbox.pending(1000);
    expect(others.filter(({ message }) => jobIds.includes(message.jobId))).toEqual([]);
    await expect(service.sweeps.get(store.stranger, sweep.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('ends when its last job has, with their comparison', async () => {
    const sweep = await submitShort();
    for (const { jobId } of sweep.children) {
      await expect(service.sweeps.comparison(store.actor, sweep.id)).rejects.toThrow(/no comparison/);
      await work(jobId, 'succeeded');
      await settle(sweep);
    }
    expect(await read(sweep)).toMatchObject({ state: 'succeeded', counts: { succeeded: 3 } });
    const { comparison } = await service.sweeps.comparison(store.actor, sweep.id);
    expect(comparison.groups[0]!.ratios[1]!.accuracy).toMatchObject({
      mean: expect.closeTo(0.95, 12),
      seeds: 3,
    });
  });

  test('jobs that end at the same moment have it looked at: the last of them is told from the others', async () => {
    const sweep = await submitShort({ axes: { seeds: Array.from({ length: 12 }, (_, i) => i) } });
    await sent(sweep);
    await Promise.all(sweep.children.map(({ jobId }) => work(jobId, 'succeeded')));
    expect(await sent(sweep)).toHaveLength(1);
    await Promise.all([1, 2, 3].map(() => service.sweeps.look(sweep.id)));
    const events = await store.storage.sweeps.eventsAfter(store.actor, sweep.id, 0, 1000);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
    expect(events.filter(({ event }) => event.type === 'state')).toMatchObject([
      { sequence: events.length, event: { state: 'succeeded' } },
    ]);
  });

  test('says which of its jobs failed, and goes on after a retry of those alone', async () => {
    const sweep = await submitShort();
    const [first, second, third] = sweep.children.map(({ jobId }) => jobId);
    await work(first!, 'succeeded');
    await work(second!, 'failed');
    expect(await settle(sweep)).toMatchObject({ state: 'running', failed: 'some' });
    await work(third!, 'succeeded');
    const failed = await settle(sweep);
    expect(failed).toMatchObject({ state: 'failed', failed: 'some', counts: { succeeded: 2, failed: 1 } });
    expect(failed.children[1]).toMatchObject({ jobId: second, error: { code: 'training_diverged' } });
    expect((await service.sweeps.comparison(store.actor, sweep.id)).comparison.rows[1]!.ratios).toEqual([]);

    const again = await service.sweeps.retry(store.actor, sweep.id);
    expect(statesOf(again)).toEqual(['succeeded', 'queued', 'succeeded']);
    expect([again.state, again.failed, again.finishedAt]).toEqual(['running', undefined, undefined]);
    await expect(service.sweeps.comparison(store.actor, sweep.id)).rejects.toThrow(
      /jobs that have not ended: 1/,
    );
    await work(second!, 'succeeded');
    expect(await settle(sweep)).toMatchObject({ state: 'succeeded' });
  });

  test('has no more jobs at work than it may, whatever users do', async () => {
    const sweep = await submitShort({ axes: { seeds: [1, 2, 3, 4, 5] }, maxParallel: 2 });
    const ids = sweep.children.map(({ jobId }) => jobId);
    expect(statesOf(sweep)).toEqual(['queued', 'queued', 'paused', 'paused', 'paused']);
    expect(sweep.children.map(({ held }) => held)).toEqual([undefined, undefined, true, true, true]);
    expect(sweep.state).toBe('running');
    await work(ids[0]!, 'failed');
    expect(statesOf(await settle(sweep))).toEqual(['failed', 'queued', 'queued', 'paused', 'paused']);

    const paused = await service.sweeps.pause(store.actor, sweep.id);
    expect([paused.state, statesOf(paused)]).toEqual(['paused', ['failed', ...Array(4).fill('paused')]]);
    expect(paused.children.some(({ held }) => held)).toBe(false);
    expect(statesOf(await settle(sweep))).toEqual(statesOf(paused));

    const resumed = await service.sweeps.resume(store.actor, sweep.id);
    expect([resumed.state, resumed.counts]).toEqual(['running', { failed: 1, queued: 2, paused: 2 }]);
    const retried = await service.sweeps.retry(store.actor, sweep.id);
    expect(retried.counts).toEqual({ queued: 2, paused: 3 });

    for (let ended = 1; ended <= 5; ended++) {
      const { children } = await settle(sweep);
      const atWork = children.filter(({ state }) => state === 'queued');
      expect(atWork).toHaveLength(Math.min(2, 6 - ended));
      await work(atWork[0]!.jobId, 'succeeded');
    }
    expect(await settle(sweep)).toMatchObject({ state: 'succeeded', counts: { succeeded: 5 } });
  });

  test('is cancelled in the middle: what succeeded stays, no other job begins, a retry takes up the rest', async () => {
    const sweep = await submitShort({ maxParallel: 1 });
    await work(sweep.children[0]!.jobId, 'succeeded');
    const cancelled = await service.sweeps.cancel(store.actor, sweep.id);
    expect(statesOf(cancelled)).toEqual(['succeeded', 'cancelled', 'cancelled']);
    expect(cancelled.state).toBe('cancelled');
    expect(await settle(sweep)).toEqual(cancelled);
    expect(await service.sweeps.cancel(store.actor, sweep.id)).toEqual(cancelled);
    const again = await service.sweeps.retry(store.actor, sweep.id);
    expect(statesOf(again)).toEqual(['succeeded', 'queued', 'paused']);
  });

  test('that has ended well allows nothing', async () => {
    const sweep = await submitShort();
    for (const { jobId } of sweep.children) await work(jobId, 'succeeded');
    await settle(sweep);
    for (const verb of ['cancel', 'pause', 'resume', 'retry'] as const) {
      const refused = expect.objectContaining({ code: 'job_state_conflict' });
      await expect(service.sweeps[verb](store.actor, sweep.id)).rejects.toEqual(refused);
    }
  });

  test('gives its jobs another priority', async () => {
    const sweep = await submitShort({ maxParallel: 1 });
    await service.sweeps.prioritise(store.actor, sweep.id, 9);
    for (const { jobId } of sweep.children)
      expect(await service.jobs.get(store.actor, jobId)).toMatchObject({ priority: 9 });
  });
});

test('refuses what any of its jobs would be refused for, all at once, and stores nothing', async () => {
  const unknown = '00000000-0000-4000-8000-0000000000aa';
  const base = aBase();
  const before = await service.jobs.list(store.actor, { limit: 200 });
  const refusal = submit({
    base: { ...base, training: { trainImages: 5000 } },
    axes: { ratios: [[0, 0.5]], calibrationIds: [unknown], seeds: [1, 2] },
  });
  const error = (await refusal.catch((thrown: unknown) => thrown)) as AppError;
  expect(error).toBeInstanceOf(AppError);
  expect([error.code, error.fields.map(({ field }) => field)]).toEqual([
    'dataset_does_not_fit',
    ['base.training.trainImages'],
  ]);
  const other = (await submit({
    base,
    axes: { calibrationIds: [unknown, '00000000-0000-4000-8000-0000000000ab'], seeds: [1, 2] },
  }).catch((thrown: unknown) => thrown)) as AppError;
  expect(other.fields.map(({ field }) => field)).toEqual([
    'axes.calibrationIds[0]',
    'axes.calibrationIds[1]',
  ]);
  expect(await service.jobs.list(store.actor, { limit: 200 })).toEqual(before);
});
