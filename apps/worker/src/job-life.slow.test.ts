import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readBundle } from '#bundle';
import type { Job, JobEvent, TrainingAccuracies, TrainingOptions } from '#contracts';
import { ConsumerStopped, LockLost, type Delivery } from '#queue';
import { isProcessAlive } from '#runtime';
import { wireService, type Service } from '#service';
import { temporaryFolder, testStorage, waitUntil, type TestStorage } from '#testkit';
import { storeDataset, submit, work } from './testing/a-worker.js';
import { ENDLESS_TRAINING, TINY_TRAINING } from './testing/training-orders.js';

/** Long enough to be stopped in the middle. */
const TRAINING: TrainingOptions = {
  ...{ ...TINY_TRAINING, jointEpochs: 40, checkpointEverySteps: 10 },
  evaluation: { everyEpochs: 3, images: 10 },
};

interface Series {
  readonly losses: number[];
  readonly epochs: TrainingAccuracies[];
}

let store: TestStorage;
let service: Service;
let datasetId: string;
let undisturbed: { bundle: unknown; metrics: Record<string, Series> };
const machines: { path: string; remove(): Promise<void> }[] = [];
beforeAll(async () => {
  store = await testStorage();
  service = wireService(store.storage);
  datasetId = await storeDataset(store);
  const job = await submit({ store, service }, { datasetId, training: TRAINING });
  await trainOn(await aMachine(), job);
  undisturbed = { bundle: await bundleOf(job), metrics: await metricsOf(job) };
  const { epochs } = undisturbed.metrics['all-in-one/joint']!;
  expect(epochs.map(({ epoch }) => epoch)).toEqual([3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39]);
});
afterAll(async () => {
  await store.close();
  await Promise.all(machines.map((machine) => machine.remove()));
});

/** A data directory of a machine of its own. */
async function aMachine(): Promise<string> {
  const folder = await temporaryFolder('machine');
  machines.push(folder);
  return folder.path;
}

interface Running {
  /** Resolves with what handling the message threw. */
  readonly ended: Promise<unknown>;
  /** Of the training process. */
  pid(): number | undefined;
}

/** Handles the message of the job as it is now. */
function running(
  folder: string,
  job: Job,
  changes: Partial<Delivery> = {},
  how: { name?: string; drainMs?: number } = {},
): Running {
  let pid: number | undefined;
  const handle = async () => {
    const now = await current(job);
    await work(now, { store, service, folder, ...how, onStart: (started) => (pid = started) }, changes);
  };
  return {
    ended: handle().then(
      () => undefined,
      (error: unknown) => error,
    ),
    pid: () => pid,
  };
}

const trainOn = async (folder: string, job: Job) => {
  expect(await running(folder, job).ended).toBeUndefined();
  expect(await current(job)).toMatchObject({ state: 'queued', stage: 'publish' });
};
const submitted = (training = TRAINING) => submit({ store, service }, { datasetId, training });
const current = (job: Job) => service.jobs.get(store.actor, job.id);
const eventsOf = async (job: Job): Promise<JobEvent[]> =>
  (await store.storage.jobs.eventsAfter(store.actor, job.id, 0, 5000)).map(({ event }) => event);

/** Waits until a checkpoint of the joint phase is stored, and holds the training there until `act` is done. */
async function inJointPhase(job: Job, training: Running, act: () => unknown): Promise<void> {
  const isKept = (event: JobEvent) => event.type === 'checkpoint' && event.progress.phase === 'joint';
  await waitUntil('a checkpoint of the joint phase', async () => (await eventsOf(job)).some(isKept));
  process.kill(training.pid()!, 'SIGSTOP');
  await act();
  if (isProcessAlive(training.pid()!)) process.kill(training.pid()!, 'SIGCONT');
}

/** All that is in the bundle of the candidate but the name of its job. */
async function bundleOf(job: Job): Promise<unknown> {
  const { candidate } = await current(job);
  const { family, manifest } = readBundle(await store.storage.artifacts.read(candidate!.bundle.digest));
  expect(manifest.metadata['jobId']).toBe(job.id);
  return { family, metadata: { ...manifest.metadata, jobId: undefined } };
}

/** Every series of a job's metrics, which must have every step once and in order, with the epochs that were evaluated. */
async function metricsOf(job: Job): Promise<Record<string, Series>> {
  const all: Record<string, Series> = {};
  for (const event of await eventsOf(job)) {
    if (event.type !== 'metrics') continue;
    const { losses, epochs } = (all[event.series] ??= { losses: [], epochs: [] });
    expect(event.firstStep).toBe(losses.length + 1);
    losses.push(...event.losses);
    if (event.evaluation) epochs.push(event.evaluation);
  }
  return all;
}

async function expectUndisturbed(job: Job): Promise<void> {
  expect(await bundleOf(job)).toEqual(undisturbed.bundle);
  expect(await metricsOf(job)).toEqual(undisturbed.metrics);
  expect((await current(job)).checkpoint).toBeUndefined();
  expect(await store.storage.objectFiles.list(`checkpoints/${job.id}/`)).toEqual([]);
}

const nothingLeft = async (folder: string) => expect(await readdir(path.join(folder, 'work'))).toEqual([]);

test('a paused job goes on on another machine, and ends in the bits and metrics of one that never was', async () => {
  const [first, second] = [await aMachine(), await aMachine()];
  const job = await submitted();
  const training = running(first, job, {}, { name: 'first' });
  await inJointPhase(job, training, async () => {
    expect(await service.jobs.pause(store.actor, job.id)).toMatchObject({ state: 'pausing' });
  });
  expect(await training.ended).toBeUndefined();
  const paused = await current(job);
  expect(paused).toMatchObject({ state: 'paused', stage: 'train', attempt: 1, worker: { name: 'first' } });
  expect(paused.checkpoint!.files.length).toBeGreaterThan(0);
  await nothingLeft(first);

  expect(await running(second, job).ended).toBeUndefined(); // a message that was left: there is nothing to do
  expect((await current(job)).state).toBe('paused');
  expect(await service.jobs.resume(store.actor, job.id)).toMatchObject({ state: 'queued', generation: 1 });
  await trainOn(second, job);
  expect((await eventsOf(job)).find(({ type }) => type === 'resumed')).toMatchObject({ attempt: 2 });
  await expectUndisturbed(job);
});

test('a job that is cancelled has its training killed at once, and can be retried from its checkpoint', async () => {
  const [first, second] = [await aMachine(), await aMachine()];
  const job = await submitted();
  const training = running(first, job);
  await inJointPhase(job, training, async () => {
    expect(await service.jobs.cancel(store.actor, job.id)).toMatchObject({ state: 'cancelling' });
    expect(await training.ended).toBeUndefined();
  });
  expect(await training.ended).toBeUndefined();
  expect(isProcessAlive(training.pid()!)).toBe(false);
  const cancelled = await current(job);
  expect(cancelled).toMatchObject({ state: 'cancelled', stage: 'train', attempt: 1 });
  expect(cancelled.finishedAt).toBeDefined();
  await nothingLeft(first);

  expect(await service.jobs.retry(store.actor, job.id)).toMatchObject({ state: 'queued', generation: 1 });
  await trainOn(second, job);
  expect((await eventsOf(job)).some(({ type }) => type === 'resumed')).toBe(true);
  await expectUndisturbed(job);
});

test('a training that crashed goes on elsewhere, and its metrics have every step and every evaluated epoch once', async () => {
  const [first, second] = [await aMachine(), await aMachine()];
  const job = await submitted();
  const training = running(first, job, { willRetry: () => false });
  await inJointPhase(job, training, () => process.kill(training.pid()!, 'SIGKILL'));
  expect(await training.ended).toMatchObject({ code: 'training_crashed' });
  expect(await current(job)).toMatchObject({
    state: 'failed',
    error: { code: 'training_crashed', advice: expect.stringContaining('Retry the job') },
  });
  await service.jobs.retry(store.actor, job.id);
  await trainOn(second, job);
  await expectUndisturbed(job);
});

test.each([
  ['goes', new ConsumerStopped('the worker stops')],
  ['lost its lock', new LockLost('the lock was lost')],
])('a worker that %s keeps a checkpoint and hands the job back; another one goes on', async (_, reason) => {
  const [first, second] = [await aMachine(), await aMachine()];
  const job = await submitted();
  const leaving = new AbortController();
  const training = running(first, job, { signal: leaving.signal }, { name: 'first' });
  await inJointPhase(job, training, () => leaving.abort(reason));
  expect(await training.ended).toBe(reason);
  expect(await current(job)).toMatchObject({ state: 'queued', stage: 'train', generation: 0, attempt: 1 });
  await nothingLeft(first);
  await trainOn(second, job);
  await expectUndisturbed(job);
});

test('a worker that goes waits for a checkpoint as long as it may, and hands the job back without one', async () => {
  const machine = await aMachine();
  const job = await submitted(ENDLESS_TRAINING);
  const leaving = new AbortController();
  const training = running(machine, job, { signal: leaving.signal }, { drainMs: 1 });
  await waitUntil('the training', () => training.pid() !== undefined);
  process.kill(training.pid()!, 'SIGSTOP');
  const reason = new ConsumerStopped('the worker stops');
  leaving.abort(reason);
  expect(await training.ended).toBe(reason);
  expect(isProcessAlive(training.pid()!)).toBe(false);
  expect(await current(job)).toMatchObject({ state: 'queued', attempt: 1 });
  await nothingLeft(machine);
});

test('a job that is to pause when its worker goes is paused, and its message is of no use any more', async () => {
  const machine = await aMachine();
  const job = await submitted(ENDLESS_TRAINING);
  const leaving = new AbortController();
  const training = running(machine, job, { signal: leaving.signal });
  await inJointPhase(job, training, async () => {
    await service.jobs.pause(store.actor, job.id);
    leaving.abort(new ConsumerStopped('the worker stops'));
  });
  expect(await training.ended).toBeUndefined();
  expect(await current(job)).toMatchObject({ state: 'paused' });
});

test('an attempt that lost its job while it trained stops, and what it has to say changes nothing', async () => {
  const [first, second] = [await aMachine(), await aMachine()];
  const job = await submitted();
  const zombie = running(first, job);
  let other: Running | undefined;
  await inJointPhase(job, zombie, async () => {
    other = running(second, job);
    expect(await zombie.ended).toBeUndefined();
  });
  expect(isProcessAlive(zombie.pid()!)).toBe(false);
  expect(await other!.ended).toBeUndefined();
  const { attempt } = await current(job);
  expect(attempt).toBe(2);
  const events = await eventsOf(job);
  const begun = events.findIndex((event) => event.type === 'state' && event.attempt === 2);
  const late = events.slice(begun).filter((event) => 'attempt' in event && event.attempt === 1);
  expect(late).toEqual([]);
  await expectUndisturbed(job);
  await nothingLeft(first);
});

test('attempts run on what the first one chose', async () => {
  const machine = await aMachine();
  const job = await submitted();
  await trainOn(machine, job);
  const { pin, candidate } = await current(job);
  const { name: executor, provider, threads, cpuClass } = candidate!.executor;
  expect(pin).toEqual({ executor, provider, threads, cpuClass });
});
