import { randomUUID } from 'node:crypto';
import type { Job, JobError } from '#contracts';
import { aCandidate, aJob, aJobWorld } from '#testkit';
import { submission } from './lifecycle/transition.js';
import { Reconciler } from './reconciler.js';

const ERROR: JobError = { code: 'internal', fault: 'infrastructure', message: 'broken' };
const PROGRESS = { stage: 'train', step: 5, steps: 10, fraction: 0.5 } as const;
const DEVICE = { deviceId: randomUUID() };

/** A reconciler that gives up after five attempts, and between whose reading and acting `meanwhile` happens. */
async function aSlowReconciler(
  changes: Partial<Job>,
  meanwhile: (world: ReturnType<typeof aJobWorld>, job: Job) => Promise<unknown>,
) {
  const world = aJobWorld();
  const { store, service, queue, now, actor } = world;
  const updatedAt = new Date(now().getTime() - 60_000).toISOString();
  const job = aJob(actor, { state: 'running', attempt: 5, ...changes, updatedAt });
  await store.create(submission(job));
  const read = store.unfinished.bind(store);
  store.unfinished = async (query) => {
    const found = await read(query);
    if (found.length > 0) await meanwhile(world, job);
    return found;
  };
  const onError = (error: unknown) => {
    throw error;
  };
  const reconciler = new Reconciler({ jobs: store, service, queue, now, onError, maxAttempts: 5 });
  await reconciler.reconcile();
  return service.get(actor, job.id);
}

describe('giving up what was seen a while ago', () => {
  it('leaves a job whose worker has kept a checkpoint since', async () => {
    const job = await aSlowReconciler({}, ({ reports, now }, { id }) => {
      const checkpoint = { attempt: 5, savedAt: now().toISOString(), files: [] };
      return reports.checkpointed(id, { attempt: 5, record: 1 }, { checkpoint, progress: PROGRESS });
    });
    expect(job).toMatchObject({ state: 'running', attempt: 5, attemptsBefore: 4 });
  });

  it('leaves a job that has entered another stage since', async () => {
    const job = await aSlowReconciler({}, ({ reports }, { id }) => reports.trained(id, 5, aCandidate()));
    expect(job).toMatchObject({ state: 'queued', stage: 'publish' });
  });

  it('leaves a job whose worker has said something since', async () => {
    const job = await aSlowReconciler({}, ({ reports }, { id }) => reports.progress(id, 5, PROGRESS));
    expect(job).toMatchObject({ state: 'running', attempt: 5 });
  });

  it('gives up one of which nobody has heard', async () => {
    const job = await aSlowReconciler({}, () => Promise.resolve());
    expect(job).toMatchObject({ state: 'failed', error: { code: 'training_crashed' } });
  });
});

/** A job whose device is to measure it, and the last try to ask for that. */
async function lastTry(changes: Partial<Job> = {}) {
  const world = aJobWorld();
  const { store, service, actor } = world;
  const job = aJob(actor, { state: 'running', stage: 'measure', ...DEVICE, ...changes });
  await store.create(submission(job));
  const current = () => service.get(actor, job.id);
  const ask = () => service.requestMeasuring(job.id, () => ERROR);
  return { ...world, job, current, ask };
}

describe('a device that cannot be asked to measure', () => {
  it('fails its job once nobody tries again', async () => {
    const { service, job, devices, current, ask } = await lastTry();
    devices.request = () => Promise.reject(new Error('no such device'));
    await expect(service.requestMeasuring(job.id)).rejects.toThrow('no such device');
    expect(await current()).toEqual(job);
    await expect(ask()).rejects.toThrow('no such device');
    expect(await current()).toMatchObject({ state: 'failed', error: ERROR });
  });

  it('fails no job that has gone on to another stage meanwhile', async () => {
    const { service, devices, current, ask } = await lastTry();
    const outcome = devices.outcome.bind(devices);
    devices.outcome = async () => {
      devices.outcome = outcome;
      devices.result = { state: 'profiled', latencyTableId: randomUUID() };
      const noted = await current();
      await service.applyOutcome(noted, noted.measuringTaskId!);
      throw new Error('the database was away');
    };
    await expect(ask()).rejects.toThrow('the database was away');
    expect(await current()).toMatchObject({ state: 'queued', stage: 'calibrate' });
  });

  it('fails no job that has gone on to another round meanwhile', async () => {
    const { service, devices, current, ask } = await lastTry({ stage: 'verify', candidate: aCandidate() });
    const outcome = devices.outcome.bind(devices);
    devices.outcome = async () => {
      devices.outcome = outcome;
      devices.result = {
        state: 'verified',
        points: [{ operatingPoint: 'fast', held: false, nextRatio: 0.5 }],
      };
      const noted = await current();
      await service.applyOutcome(noted, noted.measuringTaskId!);
      throw new Error('the database was away');
    };
    await expect(ask()).rejects.toThrow('the database was away');
    expect(await current()).toMatchObject({ state: 'running', stage: 'verify', verification: { rounds: 1 } });
  });
});
