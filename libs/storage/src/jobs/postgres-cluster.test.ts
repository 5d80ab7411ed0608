import { randomUUID } from 'node:crypto';
import type { Job, WorkerDescription } from '#contracts';
import {
  IdleJobs,
  StageAdmission,
  submission,
  transition,
  WaitingJobs,
  WorkerReports,
  type JobMessage,
} from '#jobs';
import { aDataset, aJob, aJobRequest, aWorker, testStorage, type TestStorage } from '#testkit';

let store: TestStorage;
let admission: StageAdmission;
let reports: WorkerReports;
let datasetIds: Map<string, string>;
const clock = { now: new Date() };

beforeEach(async () => {
  store = await testStorage();
  clock.now = new Date();
  const now = () => clock.now;
  admission = new StageAdmission({ cluster: store.storage.cluster, now });
  reports = new WorkerReports({ ...store.storage, now });
  datasetIds = new Map();
  for (const actor of [store.actor, store.stranger]) {
    const dataset = aDataset(actor);
    await store.storage.datasets.create(dataset);
    datasetIds.set(actor.teamId, dataset.id);
  }
});
afterEach(() => store.close());

const submit = async (
  request: object = {},
  changes: Partial<Job> = {},
  actor = store.actor,
): Promise<Job> => {
  const spec = aJobRequest({ ...request, datasetId: datasetIds.get(actor.teamId) });
  const job = aJob(actor, { spec, updatedAt: clock.now.toISOString(), ...changes });
  await store.storage.jobs.create(submission(job));
  return job;
};
const known = async (changes: Partial<WorkerDescription> = {}, jobIds: string[] = []) => {
  const worker = aWorker(changes);
  await store.storage.workers.heartbeat(worker, jobIds);
  return worker;
};
const take = (job: Job, worker: { id: string; name: string }, generation = job.generation) =>
  admission.take({ jobId: job.id, stage: 'train', generation, worker });
const read = async ({ id }: Job) => (await store.storage.jobs.load(id))!;
const eventsOf = async ({ id }: Job) =>
  (await store.storage.jobs.eventsAfter(store.actor, id, 0, 100)).map(({ event }) => event);

describe('a worker that asks for a training', () => {
  test('gets it, and the job says who has it', async () => {
    const [job, worker] = [await submit(), await known()];
    const taken = await take(job, worker);
    expect(taken).toMatchObject({
      type: 'begun',
      stage: { attempt: 1, job: { id: job.id, state: 'running' } },
    });
    expect(await read(job)).toMatchObject({ worker: { id: worker.id, name: worker.name }, attempt: 1 });
  });

  test('does not get one that it is not made for, and the job says what no worker has', async () => {
    const job = await submit({ requires: { labels: { gpu: 'h200' } } });
    const worker = await known();
    const reason = 'no worker has label gpu=h200 (1 worker is alive)';
    expect(await take(job, worker)).toEqual({ type: 'refused', reason, isWanted: false });
    expect(await take(job, worker)).toMatchObject({ type: 'refused' });
    expect(await read(job)).toMatchObject({ state: 'queued', attempt: 0, waiting: { reason } });
    const told = (await eventsOf(job)).filter(({ type }) => type === 'waiting');
    expect(told).toEqual([{ type: 'waiting', reason }]);
    const fitting = await known({ labels: { gpu: 'h200' } });
    expect(await take(job, fitting)).toMatchObject({ type: 'begun' });
    expect((await read(job)).waiting).toBeUndefined();
  });

  test('leaves it to another one that would take it now, of which nothing is told', async () => {
    const job = await submit({ requires: { labels: { gpu: 'h200' } } });
    const [plain] = [await known(), await known({ labels: { gpu: 'h200' } })];
    expect(await take(job, plain)).toMatchObject({ type: 'refused', isWanted: true });
    expect((await read(job)).waiting).toBeUndefined();
  });

  test('gets none while it drains, or when nobody knows it', async () => {
    const job = await submit();
    const worker = await known();
    await store.storage.workers.update(worker.id, (record) => ({ ...record, phase: 'draining' }));
    expect(await take(job, worker)).toMatchObject({
      type: 'refused',
      reason: expect.stringContaining('draining'),
    });
    expect(await take(job, aWorker())).toMatchObject({ type: 'refused' });
  });

  test('hears that an old message is over, whether it is fit for the job or not', async () => {
    const job = await submit({ requires: { labels: { gpu: 'h200' } } });
    const worker = await known();
    expect(await take(job, worker, 7)).toEqual({ type: 'over' });
    await store.storage.jobs.update(job.id, (current) => transition(current, { type: 'cancel' }, new Date()));
    expect(await take(job, worker)).toEqual({ type: 'over' });
  });

  test('has a job whose worker was lost wait, where it cannot take it itself', async () => {
    const job = await submit({ requires: { labels: { gpu: 'h200' } } });
    const first = await known({ name: 'first', labels: { gpu: 'h200' } });
    await take(job, first);
    await store.storage.workers.heartbeat(first, [job.id]);
    const other = await known();
    expect(await take(job, other)).toMatchObject({ type: 'refused' });
    expect(await read(job)).toMatchObject({ state: 'running' }); // it is held
    await store.storage.workers.stop(first.id);
    await take(job, other);
    expect(await read(job)).toMatchObject({
      state: 'queued',
      waiting: { reason: 'no worker has label gpu=h200 (1 worker is alive)' },
    });
    expect(await eventsOf(job)).toContainEqual(
      expect.objectContaining({ type: 'log', message: 'worker "first" was lost' }),
    );
  });
});

test('the message of a job that needs a graphics card says so', async () => {
  const [any, needy] = [await submit(), await submit({ requires: { device: 'gpu' } })];
  const messages = (await store.storage.outbox.pending(10)).map(({ message }) => message);
  const common = { stage: 'train', generation: 0, priority: 0 };
  expect(messages).toEqual([
    { ...common, jobId: any.id },
    { ...common, jobId: needy.id, needsGpu: true },
  ]);
});

describe("a team's limit", () => {
  test('is kept by workers that claim at the same time', async () => {
    await store.storage.cluster.limit(store.actor.teamId, { maxRunningJobs: 3 });
    const jobs = await Promise.all(Array.from({ length: 12 }, () => submit()));
    const workers = await Promise.all(jobs.map(() => known()));
    const taken = await Promise.all(jobs.map((job, i) => take(job, workers[i]!)));
    expect(taken.filter(({ type }) => type === 'begun')).toHaveLength(3);
    const reason = 'the team trains 3 jobs, its limit';
    expect(taken.filter(({ type }) => type === 'refused')).toEqual(
      Array(9).fill({ type: 'refused', reason, isWanted: false }),
    );
  });

  test('counts neither other teams, nor jobs that only a device is at work on, nor the job itself', async () => {
    await store.storage.cluster.limit(store.actor.teamId, { maxRunningJobs: 1 });
    await submit({}, { state: 'running', stage: 'verify' });
    await submit({}, { state: 'running' }, store.stranger);
    const [job, worker] = [await submit(), await known()];
    expect(await take(job, worker)).toMatchObject({ type: 'begun' });
    expect(await take(job, worker)).toMatchObject({ type: 'begun', stage: { attempt: 2 } });
  });

  test('may be taken back, and is one of a team that there is', async () => {
    const { cluster } = store.storage;
    const { teamId } = store.actor;
    expect(await cluster.limitsOf(teamId)).toEqual({ maxRunningJobs: null });
    expect(await cluster.limit(teamId, { maxRunningJobs: 0 })).toEqual({ maxRunningJobs: 0 });
    expect(await take(await submit(), await known())).toMatchObject({ type: 'refused' });
    expect(await cluster.limit(teamId, { maxRunningJobs: null })).toEqual({ maxRunningJobs: null });
    expect(await take(await submit(), await known())).toMatchObject({ type: 'begun' });
    await expect(cluster.limit(randomUUID(), { maxRunningJobs: 1 })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('a pass over jobs that wait', () => {
  const expedited: JobMessage[] = [];
  const look = () => {
    const { cluster, jobs, workers, wakeups } = store.storage;
    const now = () => clock.now;
    const devices = { delays: () => Promise.resolve(new Map<string, string>()) };
    return new WaitingJobs({
      ...{ idle: new IdleJobs({ cluster, devices, now }), jobs, workers, wakeups, reports, now },
      queue: { expedite: (message) => Promise.resolve(void expedited.push(message)) },
      onError: (error) => {
        throw error;
      },
    }).look();
  };
  const later = () => (clock.now = new Date(clock.now.getTime() + 6_000));
  const reasonOf = async (job: Job) => (await read(job)).waiting?.reason;
  beforeEach(() => void expedited.splice(0));

  test('has a job say that no worker is alive, once it has waited for a while', async () => {
    const job = await submit();
    await look();
    expect(await reasonOf(job)).toBeUndefined();
    later();
    await look();
    expect(await reasonOf(job)).toBe('no worker is alive');
    expect(expedited).toEqual([]);
    const publishing = await submit({}, { stage: 'publish', updatedAt: new Date(0).toISOString() });
    await look();
    expect(await reasonOf(publishing)).toBe('no worker is alive');
  });

  test('gives no more jobs to workers than they have places for, in the order of priority', async () => {
    const worker = await known({ name: 'only' });
    const [low, high, higher] = [
      await submit({}, { priority: -1 }),
      await submit({}, { priority: 1 }),
      await submit({}, { priority: 2 }),
    ];
    later();
    await look();
    const busy = 'worker "only", the only one that could take it, is busy';
    expect(await Promise.all([low, high, higher].map(reasonOf))).toEqual([busy, busy, undefined]);
    await store.storage.workers.heartbeat({ ...worker, concurrency: 3 }, [randomUUID()]);
    await take(higher, worker);
    await look();
    expect(expedited.map(({ jobId }) => jobId)).toEqual([high.id, low.id]);
  });

  test('leaves a graphics card to those that need it', async () => {
    const engines = [
      { executor: 'onnxruntime', provider: 'cuda', byNameOnly: false } as const,
      ...aWorker().engines,
    ];
    await known({ device: 'gpu', engines, queues: ['train.gpu', 'train.cpu'] });
    await known();
    const any = await submit({}, { priority: 1 });
    const needy = await submit({ requires: { device: 'gpu' } });
    later();
    await look();
    expect([await reasonOf(any), await reasonOf(needy)]).toEqual([undefined, undefined]);
  });

  test('has the message of a job delivered at once when its team may train again', async () => {
    const { cluster } = store.storage;
    await cluster.limit(store.actor.teamId, { maxRunningJobs: 1 });
    const [running, job] = [await submit(), await submit()];
    const worker = await known({ concurrency: 2 });
    await take(running, worker);
    later();
    await look();
    expect(await reasonOf(job)).toBe('the team trains 1 job, its limit');
    await cluster.limit(store.actor.teamId, { maxRunningJobs: 2 });
    await look();
    expect(expedited).toMatchObject([{ jobId: job.id, stage: 'train', generation: 0 }]);
  });
});
