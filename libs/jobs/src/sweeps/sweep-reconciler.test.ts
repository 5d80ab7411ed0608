import { CreateSweep, type Sweep } from '#contracts';
import { wireService, type Service } from '#service';
import { aCandidate, aDataset, aJobRequest, MemoryQueue, testStorage, type TestStorage } from '#testkit';
import { Reconciler } from '../reconciler.js';
import { SweepReconciler } from './sweep-reconciler.js';

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

async function aSweep(changes: object = {}): Promise<Sweep> {
  const { model, network } = aJobRequest();
  const spec = CreateSweep.parse({
    base: { model, network, datasetId, ratios: [0, 0.5], until: 'train' },
    axes: { seeds: [1, 2, 3] },
    ...changes,
  });
  return service.sweeps.submit(store.actor, spec, (job) => service.jobs.prepare(store.actor, job));
}

/** Whatever the outbox has for the queue reaches it, and is lost there. */
async function loseMessages(): Promise<void> {
  for (const outbox of [store.storage.outbox, store.storage.sweepOutbox]) {
    const rows = await outbox.pending(1000);
    await outbox.markSent(rows.map(({ id }) => id));
  }
}

/** So long after now as the reconcilers leave things alone. @returns the jobs that the queue got messages of */
async function reconcile(): Promise<string[]> {
  const queue = new MemoryQueue();
  const onError = (error: unknown) => {
    throw error;
  };
  const now = () => new Date(Date.now() + 31_000);
  const { jobs, sweeps } = store.storage;
  await new SweepReconciler({ sweeps, service: service.sweeps, onError, now }).reconcile();
  await new Reconciler({ jobs, service: service.jobs, queue, onError, now }).reconcile();
  return queue.messages.map(({ jobId }) => jobId);
}

async function train(jobId: string): Promise<void> {
  const { workerReports: reports } = service;
  const { generation } = await service.jobs.get(store.actor, jobId);
  const { attempt } = (await reports.begin({ jobId, stage: 'train', generation }))!;
  await reports.trained(jobId, attempt, aCandidate());
}
const read = ({ id }: Sweep) => service.sweeps.get(store.actor, id);
const idsOf = ({ children }: Sweep): string[] => children.map(({ jobId }) => jobId);

describe('a sweep of which the queue has lost everything', () => {
  test('has its jobs sent out again, and no others of them', async () => {
    const sweep = await aSweep();
    await loseMessages();
    const [first, ...others] = idsOf(sweep);
    await train(first!);
    await loseMessages();
    const sent = await reconcile();
    expect(sent).toEqual(expect.arrayContaining(others));
    expect(sent).not.toContain(first);
  });

  test('has held jobs released', async () => {
    const sweep = await aSweep({ maxParallel: 1 });
    const [first, second, third] = idsOf(sweep);
    await train(first!);
    await loseMessages();
    await reconcile();
    expect((await read(sweep)).children.map(({ state }) => state)).toEqual(['succeeded', 'queued', 'paused']);
    await loseMessages();
    const sent = await reconcile();
    expect(sent).toContain(second);
    expect(sent).not.toContain(third);
  });

  test('ends when its jobs have', async () => {
    const sweep = await aSweep();
    for (const jobId of idsOf(sweep)) await train(jobId);
    await loseMessages();
    expect(await read(sweep)).toMatchObject({ state: 'running' });
    await reconcile();
    expect(await read(sweep)).toMatchObject({ state: 'succeeded' });
    const { comparison } = await service.sweeps.comparison(store.actor, sweep.id);
    expect(comparison.groups).toHaveLength(1);
  });
});
