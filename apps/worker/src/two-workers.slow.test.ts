import { fileURLToPath } from 'node:url';
import type { Job, TrainingOptions, Worker, WorkerState } from '#contracts';
import { IdleJobs, OutboxDispatcher, WaitingJobs } from '#jobs';
import { jobMessages, openQueue, type WorkQueue } from '#queue';
import { spawnService, type RunningService } from '#runtime';
import { wireService, type Service } from '#service';
import { temporaryFolder, testStorage, TYPESCRIPT_NODE_OPTIONS, waitUntil, type TestStorage } from '#testkit';
import { storeDataset, submit as submitOne } from './testing/a-worker.js';
import { ENDLESS_TRAINING, TINY_TRAINING } from './testing/training-orders.js';

/** Real worker processes on one database, beside what the API does in the background. */
describe('workers', () => {
  let store: TestStorage;
  let service: Service;
  let queue: WorkQueue;
  let datasetId: string;
  const background: { start(): void; stop(): Promise<void> }[] = [];
  const processes: RunningService[] = [];
  const folders: { remove(): Promise<void> }[] = [];

  beforeAll(async () => {
    store = await testStorage();
    service = wireService(store.storage);
    const onError = () => {};
    queue = await openQueue({ databaseUrl: store.databaseUrl, onError });
    const messages = jobMessages(queue);
    const { outbox, wakeups, cluster, workers, jobs } = store.storage;
    const now = () => new Date();
    const devices = { delays: () => Promise.resolve(new Map<string, string>()) };
    const idle = new IdleJobs({ cluster, devices, now, graceMs: 0 });
    background.push(
      new OutboxDispatcher({ outbox, wakeups, queue: messages, onError }),
      new WaitingJobs({
        ...{ idle, jobs, workers, wakeups, queue: messages, reports: service.workerReports, onError },
        ...{ now, intervalMs: 500 },
      }),
    );
    for (const each of background) each.start();
    datasetId = await storeDataset(store);
  });
  afterEach(async () => {
    for (const job of (await service.jobs.list(store.actor, { limit: 200 })).items) {
      await service.jobs.cancel(store.actor, job.id).catch(() => {});
    }
    await Promise.all(processes.splice(0).map((each) => each.stop()));
    await service.workers.limit(store.actor, { maxRunningJobs: null });
  });
  afterAll(async () => {
    for (const each of background) await each.stop();
    await queue.close();
    await store.close();
    for (const folder of folders) await folder.remove();
  });

  /** A worker with a data directory of its own; resolves once it takes messages. */
  async function startWorker(name: string, env: Record<string, string> = {}): Promise<RunningService> {
    const folder = await temporaryFolder('worker');
    folders.push(folder);
    const running = await spawnService({
      name,
      entry: fileURLToPath(new URL('./main.ts', import.meta.url)),
      env: {
        NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS,
        DATABASE_URL: store.databaseUrl,
        REDIS_URL: undefined,
        ARTIFACTS_URL: store.artifactsUrl,
        DATA_DIR: folder.path,
        LOG_LEVEL: 'error',
        WORKER_NAME: name,
        ...env,
      },
      stdout: 'ignore',
    });
    processes.push(running);
    return running;
  }

  const submit = (training: TrainingOptions, changes: object = {}): Promise<Job> =>
    submitOne({ store, service }, { datasetId, training, ...changes });
  const jobNow = ({ id }: Job) => service.jobs.get(store.actor, id);
  const workerNow = async (name: string): Promise<Worker> => {
    const { items } = await service.workers.list(store.actor, { limit: 200 });
    return items.find((worker) => worker.name === name)!;
  };
  const becomes = (name: string, state: WorkerState) =>
    waitUntil(`worker ${name} is ${state}`, async () => (await workerNow(name)).state === state, 60_000);
  const eventsOf = async ({ id }: Job) =>
    (await store.storage.jobs.eventsAfter(store.actor, id, 0, 500)).map(({ event }) => event);
  const trainsOn = (job: Job, name: string, attempt = 1) =>
    waitUntil(
      `attempt ${attempt} on ${name} has kept a checkpoint`,
      async () => {
        const { worker, ...now } = await jobNow(job);
        if (now.attempt !== attempt || worker?.name !== name) return false;
        return now.checkpoint?.attempt === attempt;
      },
      60_000,
    );
  const expectWentOn = async (job: Job) => {
    const resumed = (await eventsOf(job)).find(({ type }) => type === 'resumed');
    expect(resumed).toMatchObject({ attempt: 2, progress: { stage: 'train' } });
  };

  test('one that ends on SIGTERM hands its job back, and another goes on from the checkpoint', async () => {
    const first = await startWorker('a');
    const job = await submit(ENDLESS_TRAINING);
    await trainsOn(job, 'a');
    await startWorker('b');
    expect(await service.workers.get(store.actor, (await workerNow('a')).id)).toMatchObject({
      ...{ state: 'active', running: 1, jobs: [{ id: job.id, state: 'running', stage: 'train' }] },
    });
    expect(await first.stop(60_000)).toEqual({ code: 0, signal: null });
    expect(await workerNow('a')).toMatchObject({ state: 'stopped', running: 0 });
    await trainsOn(job, 'b', 2);
    await expectWentOn(job);
  });

  test('one that drains with checkpoints hands its job back, stays, and may take jobs again', async () => {
    await startWorker('c');
    const job = await submit(ENDLESS_TRAINING);
    await trainsOn(job, 'c');
    const { id } = await workerNow('c');
    expect(await service.workers.drain(store.actor, id, 'checkpoint')).toMatchObject({ state: 'draining' });
    await becomes('c', 'drained');
    await waitUntil('the job says why it waits', async () => {
      const { state, waiting } = await jobNow(job);
      return state === 'queued' && waiting?.reason === 'worker "c", the only one that is alive, is drained';
    });
    await service.workers.activate(store.actor, id);
    await trainsOn(job, 'c', 2);
    expect((await jobNow(job)).waiting).toBeUndefined();
    await expectWentOn(job);
  });

  test('one that drains and finishes trains its job to the end, and takes no other', async () => {
    await startWorker('d');
    const job = await submit({ ...TINY_TRAINING, jointEpochs: 40 }, { until: 'train' });
    await trainsOn(job, 'd');
    const { id } = await workerNow('d');
    await service.workers.drain(store.actor, id, 'finish');
    const other = await submit(ENDLESS_TRAINING);
    await becomes('d', 'drained');
    expect(await jobNow(job)).toMatchObject({ state: 'succeeded', attempt: 1 });
    await waitUntil('the other waits', async () =>
      /is drained/.test((await jobNow(other)).waiting?.reason ?? ''),
    );
    await startWorker('e');
    await trainsOn(other, 'e');
    expect(await workerNow('d')).toMatchObject({ state: 'drained', running: 0 });
  });

  test('jobs go to workers that have their labels, and say which nobody has', async () => {
    await startWorker('f', { WORKER_LABELS: 'disk=small' });
    const job = await submit(ENDLESS_TRAINING, { requires: { labels: { disk: 'large' } } });
    const reason = 'no worker has label disk=large (1 worker is alive)';
    await waitUntil('the job says so', async () => (await jobNow(job)).waiting?.reason === reason);
    const cuda = { ...TINY_TRAINING, engine: { executor: 'onnxruntime', provider: 'cuda' } } as const;
    const onCard = await submit(cuda);
    await startWorker('g', { WORKER_LABELS: 'disk=large,zone=1' });
    await trainsOn(job, 'g');
    const unmet = /^no worker has engine onnxruntime on cuda \(\d workers? (is|are) alive\)$/;
    await waitUntil('a job without its engine waits', async () =>
      unmet.test((await jobNow(onCard)).waiting?.reason ?? ''),
    );
    expect(await jobNow(onCard)).toMatchObject({ state: 'queued', attempt: 0 });
  });

  test("a team's limit holds over all workers, and its jobs say so", async () => {
    await service.workers.limit(store.actor, { maxRunningJobs: 1 });
    await startWorker('h');
    await startWorker('i');
    const jobs = await Promise.all([submit(ENDLESS_TRAINING), submit(ENDLESS_TRAINING)]);
    const states = async () => (await Promise.all(jobs.map(jobNow))).map(({ state }) => state).sort();
    await waitUntil('one runs', async () => (await states()).includes('running'));
    const reason = 'the team trains 1 job, its limit';
    const waiting = async () =>
      (await Promise.all(jobs.map(jobNow))).find((job) => job.waiting?.reason === reason);
    const second = await waitUntil('the other says why it waits', waiting);
    expect(await states()).toEqual(['queued', 'running']);
    await service.workers.limit(store.actor, { maxRunningJobs: 2 });
    await waitUntil('both run', async () => (await states()).every((state) => state === 'running'));
    expect((await jobNow(second)).waiting).toBeUndefined();
  });
});
