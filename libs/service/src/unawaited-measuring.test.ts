import type { Device, Job, JobError } from '#contracts';
import { Reconciler } from '#jobs';
import { aDataset, aDevice, aJobRequest, MemoryQueue, testStorage, type TestStorage } from '#testkit';
import { wireService, type Service } from './wire-service.js';

let store: TestStorage;
let service: Service;
let device: Device;
beforeEach(async () => {
  store = await testStorage();
  service = wireService(store.storage);
  device = aDevice(store.actor);
  await store.storage.devices.create(device);
});
afterEach(() => store.close());

/** A job whose device is to measure it first. */
async function aProfiledJob(): Promise<Job> {
  const dataset = aDataset(store.actor, { input: { channels: 1, height: 8, width: 8 }, classes: 2 });
  await store.storage.datasets.create(dataset);
  const profile = { deviceId: device.id, ratios: [0, 0.4] };
  return service.jobs.submit(store.actor, aJobRequest({ datasetId: dataset.id, ratios: undefined, profile }));
}

/** One pass, so long after now as the reconciler leaves things alone. */
async function reconcile(): Promise<unknown[]> {
  const errors: unknown[] = [];
  const reconciler = new Reconciler({
    ...{ jobs: store.storage.jobs, service: service.jobs, queue: new MemoryQueue() },
    now: () => new Date(Date.now() + 31_000),
    onError: (error) => errors.push(error),
  });
  await reconciler.reconcile();
  return errors;
}

const statesOf = async (job: Job): Promise<string[]> => {
  const tasks = await service.measuring.list(store.actor, { limit: 50, jobId: job.id });
  return tasks.items.map(({ state }) => state).sort();
};
const current = ({ id }: Job) => service.jobs.get(store.actor, id);

/** The worker that asks for the task dies before it can note it. */
async function askAndDie(job: Job): Promise<void> {
  const { jobs } = store.storage;
  const update = jobs.update.bind(jobs);
  jobs.update = () => Promise.reject(new Error('killed'));
  await expect(service.jobs.requestMeasuring(job.id)).rejects.toThrow('killed');
  jobs.update = update;
}

describe('a measuring task that no job waits for', () => {
  it('is cancelled where the API died after it had cancelled the job', async () => {
    const job = await aProfiledJob();
    await service.jobs.requestMeasuring(job.id);
    const { measuringTasks: tasks } = store.storage;
    const cancel = tasks.cancel.bind(tasks);
    tasks.cancel = () => Promise.reject(new Error('killed'));
    await expect(service.jobs.cancel(store.actor, job.id)).rejects.toThrow('killed');
    expect(await reconcile()).toEqual([new Error('killed')]);
    tasks.cancel = cancel;
    expect(await current(job)).toMatchObject({ state: 'cancelled' });
    expect(await statesOf(job)).toEqual(['queued']);
    expect(await reconcile()).toEqual([]);
    expect(await statesOf(job)).toEqual(['cancelled']);
  });

  it('is cancelled where the worker that asked for it died before it noted it', async () => {
    const job = await aProfiledJob();
    await askAndDie(job);
    await service.jobs.cancel(store.actor, job.id);
    await service.jobs.retry(store.actor, job.id);
    await service.jobs.requestMeasuring(job.id);
    expect(await statesOf(job)).toEqual(['queued', 'queued']);
    await reconcile();
    expect(await statesOf(job)).toEqual(['cancelled', 'queued']);
    const { measuringTaskId } = await current(job);
    expect(await service.measuring.get(store.actor, measuringTaskId!)).toMatchObject({ state: 'queued' });
  });

  it('is cancelled where its job was given up, also while a device measures it', async () => {
    const job = await aProfiledJob();
    await service.jobs.requestMeasuring(job.id);
    const { signal } = new AbortController();
    const agent = { name: 'agent', version: '1' };
    const lease = () =>
      service.measuring.lease(store.actor, { deviceId: device.id, agent, waitMs: 0, signal });
    const { id, leaseToken } = (await lease())!;
    const error: JobError = { code: 'internal', fault: 'infrastructure', message: 'broken' };
    await service.jobs.giveUp(await current(job), error);
    const next = await aProfiledJob();
    await service.jobs.requestMeasuring(next.id);
    expect(await lease()).toBeUndefined();
    await reconcile();
    expect(await statesOf(job)).toEqual(['cancelled']);
    await expect(service.measuring.extend(store.actor, id, { leaseToken })).rejects.toMatchObject({
      code: 'lease_lost',
    });
    expect(await lease()).toMatchObject({ jobId: next.id });
  });
});

describe('a measuring task that a job waits for', () => {
  it('has the job say why its device is left alone, until it is measured again', async () => {
    const job = await aProfiledJob();
    await service.jobs.requestMeasuring(job.id);
    const agent = { name: 'agent', version: '1' };
    const request = { deviceId: device.id, agent, waitMs: 0, signal: new AbortController().signal };
    const { id, leaseToken } = (await service.measuring.lease(store.actor, request))!;
    const waits = async (waiting?: string) => {
      await service.measuring.extend(store.actor, id, { leaseToken, waiting });
      return (await current(job)).waiting?.reason;
    };
    expect(await waits()).toBeUndefined();
    expect(await waits('5 % slower than at first')).toBe('5 % slower than at first');
    expect(await waits('5 % slower than at first')).toBe('5 % slower than at first');
    expect(await waits()).toBeUndefined();
    const events = await store.storage.jobs.eventsOfType(store.actor, job.id, 'waiting', 0, 10);
    expect(events.map(({ event }) => event)).toEqual([
      { type: 'waiting', reason: '5 % slower than at first' },
    ]);
  });

  it('is left alone, whether it is noted or not', async () => {
    const noted = await aProfiledJob();
    await service.jobs.requestMeasuring(noted.id);
    const asked = await aProfiledJob();
    await askAndDie(asked);
    const pausing = await aProfiledJob();
    await service.jobs.requestMeasuring(pausing.id);
    await service.jobs.pause(store.actor, pausing.id);
    await reconcile();
    for (const job of [noted, asked, pausing]) expect(await statesOf(job)).toEqual(['queued']);
  });
});
