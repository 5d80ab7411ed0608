import type { Job, MeasuringTask, WorkerDescription } from '#contracts';
import { submission, transition, WaitingJobs } from '#jobs';
import {
  aDataset,
  aDevice,
  aJob,
  aJobRequest,
  aMeasuringTask,
  aWorker,
  testStorage,
  type TestStorage,
} from '#testkit';
import { wireService, type Service } from './wire-service.js';

const LONG_AGO = new Date(Date.now() - 3_600_000);
const device = { name: 'jetson-1' };

let store: TestStorage;
let service: Service;
let datasetId: string;
let deviceId: string;

beforeEach(async () => {
  store = await testStorage();
  service = wireService(store.storage);
  const dataset = aDataset(store.actor);
  const board = aDevice(store.actor, device);
  await store.storage.datasets.create(dataset);
  await store.storage.devices.create(board);
  [datasetId, deviceId] = [dataset.id, board.id];
});
afterEach(() => store.close());

/** A job that nobody has touched for an hour. */
const submit = async (changes: Partial<Job> = {}, request: object = {}): Promise<Job> => {
  const spec = aJobRequest({ ...request, datasetId });
  const job = aJob(store.actor, { spec, updatedAt: LONG_AGO.toISOString(), ...changes });
  await store.storage.jobs.create(submission(job));
  return job;
};
const known = async (changes: Partial<WorkerDescription> = {}, jobIds: string[] = []) => {
  const worker = aWorker(changes);
  await store.storage.workers.heartbeat(worker, jobIds);
  return worker;
};
const kill = (name: string) =>
  store.query(`UPDATE "Worker" SET "heartbeatAt" = now() - interval '1 minute' WHERE name = $1`, [name]);
const read = async ({ id }: Job) => (await store.storage.jobs.load(id))!;
const shown = ({ id }: Job) => service.shownJobs.get(store.actor, id);

/** A pass, a minute later; gives the reason that it leaves. */
async function reasonOf(job: Job): Promise<string | undefined> {
  const { jobs, workers, wakeups } = store.storage;
  const onError = (error: unknown) => {
    throw error;
  };
  await new WaitingJobs({
    ...{ idle: service.idleJobs, jobs, workers, wakeups, reports: service.workerReports, onError },
    ...{ queue: { expedite: () => Promise.resolve() }, now: () => new Date(Date.now() + 60_000) },
  }).look();
  const { waiting } = await read(job);
  expect((await shown(job)).waiting).toEqual(waiting);
  return waiting?.reason;
}

describe('a job whose device is to measure', () => {
  const measuring = (changes: Partial<Job> = {}) =>
    submit({ state: 'running', stage: 'measure', deviceId, ratios: [], ...changes });
  const withTask = async () => {
    const job = await measuring();
    const board = (await store.storage.devices.find(store.actor, deviceId))!;
    const task = aMeasuringTask(board, { jobId: job.id });
    await store.storage.measuringTasks.create(task);
    const { id: jobId, stage, attempt, generation } = job;
    const place = { stage, attempt, generation, rounds: 0 };
    await store.storage.jobs.update(jobId, (before) =>
      transition(before, { type: 'measuring-requested', place, measuringTaskId: task.id }, LONG_AGO),
    );
    return { job, task };
  };
  const lease = (task: MeasuringTask, agoMs = 0) => {
    const now = new Date(Date.now() - agoMs);
    return store.storage.measuringTasks.leaseNext(store.actor, {
      ...{ deviceId: task.deviceId, token: task.id, agent: { name: 'pi', version: '1' } },
      ...{ now, expiresAt: new Date(now.getTime() + 60_000) },
    });
  };
  const asks = () =>
    service.measuring.lease(store.actor, {
      ...{ deviceId, agent: { name: 'pi', version: '1' }, waitMs: 0 },
      signal: new AbortController().signal,
    });

  test.each(['measure', 'verify'] as const)('waits for a worker that asks it, in stage %s', async (stage) => {
    const job = await measuring({ stage });
    expect(await reasonOf(job)).toBe('no worker is alive');
    await known({ queues: ['train.cpu'] });
    expect(await reasonOf(job)).toBe('no worker takes jobs of queue light (1 worker is alive)');
    await known();
    expect(await reasonOf(job)).toBeUndefined();
    expect(await read(job)).toMatchObject({ state: 'running', stage });
  });

  test('says that no agent has ever asked for work, and no more once one has', async () => {
    const { job } = await withTask();
    expect(await reasonOf(job)).toBe('no agent of device "jetson-1" has ever asked for work');
    expect(await asks()).toBeDefined();
    expect(await reasonOf(job)).toBeUndefined();
  });

  test('says since when none has', async () => {
    const { job } = await withTask();
    await store.storage.devices.asked(store.actor, deviceId, new Date('2026-01-02T12:03:04Z'));
    await store.storage.devices.asked(store.stranger, deviceId, new Date());
    await store.storage.devices.asked(store.actor, deviceId, new Date('2026-01-01T00:00:00Z'));
    expect(await reasonOf(job)).toBe(
      'no agent of device "jetson-1" has asked for work since 2026-01-02 12:03 UTC',
    );
  });

  test('says that its agent is gone, or measures something else', async () => {
    const first = await withTask();
    const second = await withTask();
    await lease(first.task, 3_600_000);
    expect(await reasonOf(first.job)).toMatch(
      /^nothing was heard of agent "pi", which measures on device "jetson-1", since \d{4}-.* UTC$/,
    );
    await lease(first.task);
    expect(await reasonOf(first.job)).toBeUndefined();
    expect(await reasonOf(second.job)).toBe('device "jetson-1" measures something else first');
  });

  test('keeps what its agent says of why it measures nothing', async () => {
    const { job, task } = await withTask();
    await lease(task);
    await service.measuring.extend(store.actor, task.id, { leaseToken: task.id, waiting: 'it is hot' });
    expect(await reasonOf(job)).toBe('it is hot');
  });
});

describe('a job whose worker was lost', () => {
  const begin = async (job: Job, worker: WorkerDescription) => {
    const { id: jobId, stage, generation } = job;
    await service.workerReports.begin({ jobId, stage, generation, worker });
    await store.query(`UPDATE "Job" SET "updatedAt" = now() - interval '1 minute' WHERE id = $1`, [jobId]);
  };

  test('says that none is left that can take it, or that another one will', async () => {
    const job = await submit({}, { requires: { labels: { gpu: 'h200' } } });
    await begin(job, await known({ name: 'first', labels: { gpu: 'h200' } }, [job.id]));
    expect(await reasonOf(job)).toBeUndefined();
    await kill('first');
    expect(await reasonOf(job)).toBe('worker "first" was lost: no worker is alive');
    await known();
    expect(await reasonOf(job)).toBe(
      'worker "first" was lost: no worker has label gpu=h200 (1 worker is alive)',
    );
    await known({ labels: { gpu: 'h200' } });
    expect(await reasonOf(job)).toBe('worker "first" was lost: another one is given the job shortly');
    expect((await read(job)).state).toBe('running');
  });

  test('says so in its short stages, and while it is to pause', async () => {
    const [publishing, pausing] = [await submit({ stage: 'publish' }), await submit()];
    const worker = await known({ name: 'first' });
    for (const job of [publishing, pausing]) await begin(job, worker);
    await service.jobs.pause(store.actor, pausing.id);
    await kill('first');
    const reason = 'worker "first" was lost: no worker is alive';
    expect([await reasonOf(publishing), await reasonOf(pausing)]).toEqual([reason, reason]);
  });

  test("is not kept from another one by its own place in the team's limit", async () => {
    await store.storage.cluster.limit(store.actor.teamId, { maxRunningJobs: 1 });
    const job = await submit();
    await begin(job, await known({ name: 'first' }, [job.id]));
    await kill('first');
    await known();
    expect(await reasonOf(job)).toBe('worker "first" was lost: another one is given the job shortly');
  });

  test('says nothing any more once the worker, which was only late, reports', async () => {
    const job = await submit();
    const worker = await known({ name: 'first' }, [job.id]);
    await begin(job, worker);
    await kill('first');
    expect(await reasonOf(job)).toBeDefined();
    await store.storage.workers.heartbeat(worker, [job.id]);
    const progress = { stage: 'train' as const, step: 1, steps: 2, fraction: 0.5 };
    await service.workerReports.progress(job.id, 1, progress);
    expect(await reasonOf(job)).toBeUndefined();
  });

  test('says that a worker that is alive trains it no more', async () => {
    const job = await submit();
    await begin(job, await known({ name: 'first' }));
    expect(await reasonOf(job)).toBe('worker "first" has let go of it: another one is given the job shortly');
    expect(await reasonOf(job)).toMatch(/^worker "first" has let go of it/);
  });
});

test('begun jobs are all looked at in turn, however many there are', async () => {
  const jobs = await Promise.all(
    Array.from({ length: 5 }, () => submit({ state: 'running', stage: 'measure', deviceId })),
  );
  const { jobs: repository, workers, wakeups } = store.storage;
  const waiting = new WaitingJobs({
    ...{ idle: service.idleJobs, jobs: repository, workers, wakeups, reports: service.workerReports },
    ...{ queue: { expedite: () => Promise.resolve() }, onError: () => {} },
    ...{ now: () => new Date(), begunPerPass: 2 },
  });
  const told = async () =>
    (await Promise.all(jobs.map(read))).filter((job) => job.waiting !== undefined).length;
  const counts: number[] = [];
  for (let pass = 0; pass < 3; pass++) {
    await waiting.look();
    counts.push(await told());
  }
  expect(counts).toEqual([2, 4, 5]);
});

test('a job that is asked for says why it waits, however many come before it', async () => {
  await Promise.all(Array.from({ length: 500 }, () => submit({ priority: 1 })));
  const last = await submit();
  await known({ name: 'only' });
  const reason = 'worker "only", the only one that could take it, is busy';
  expect(await reasonOfStored(last)).toBeUndefined();
  const waiting = { reason, since: LONG_AGO.toISOString() };
  expect(await shown(last)).toMatchObject({ id: last.id, waiting });
  const page = await service.shownJobs.list(store.actor, { limit: 1 });
  expect(page.items).toMatchObject([{ id: last.id, waiting }]);
  const paused = await service.jobs.pause(store.actor, last.id);
  expect(await shown(paused)).toEqual(paused);
});

const reasonOfStored = async (job: Job) => (await read(job)).waiting;
