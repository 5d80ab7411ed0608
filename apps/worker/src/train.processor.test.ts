import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readBundle } from '#bundle';
import type { Job, TrainingOptions } from '#contracts';
import { ConsumerStopped, type Delivery, MessageRefused } from '#queue';
import { waitUntil } from '#testkit';
import { openWorkerWorld, submit, work, type WorkerWorld } from './testing/a-worker.js';
import { ENDLESS_TRAINING, TINY_TRAINING } from './testing/training-orders.js';

let world: WorkerWorld;
beforeAll(async () => void (world = await openWorkerWorld('worker')));
afterAll(() => world.close());

const submitted = (training: TrainingOptions, changes: object = {}): Promise<Job> =>
  submit(world, { datasetId: world.datasetId, training, ...changes });

/** Handles a job's message as the queue would deliver it. */
const handle = (job: Job, changes: Partial<Delivery> = {}, onStart?: (pid: number) => void): Promise<void> =>
  work(job, { ...world, ...(onStart && { onStart }) }, changes);

/** Handles a job's message, kills its training once `condition` holds, and resolves with what handling threw. */
async function handleAndKill(
  job: Job,
  changes: Partial<Delivery>,
  condition: () => Promise<boolean>,
): Promise<unknown> {
  let pid: number | undefined;
  let ended = false;
  const handled = handle(job, changes, (started) => (pid = started))
    .catch((error: unknown) => error)
    .finally(() => (ended = true));
  try {
    await waitUntil('what to kill', async () => ended || (pid !== undefined && (await condition())));
  } finally {
    if (pid !== undefined && !ended) process.kill(pid, 'SIGKILL');
  }
  return handled;
}

const current = (job: Job) => world.service.jobs.get(world.store.actor, job.id);
const nothingLeft = async () => expect(await readdir(path.join(world.folder, 'work'))).toEqual([]);
const storedCheckpoints = async (job: Job) =>
  (await world.store.storage.objectFiles.list(`checkpoints/${job.id}/`)).map(({ key }) => key).sort();
const eventsOf = async (job: Job) =>
  (await world.store.storage.jobs.eventsAfter(world.store.actor, job.id, 0, 500)).map(({ event }) => event);

test('trains a job whose dataset lies in the artifact store, and stores bundle, progress and accuracies', async () => {
  const job = await submitted(TINY_TRAINING);
  await handle(job);
  const trained = await current(job);
  expect(trained).toMatchObject({ state: 'queued', stage: 'publish', attempt: 1 });
  const bundle = await world.store.storage.artifacts.read(trained.candidate!.bundle.digest);
  expect(readBundle(bundle).manifest.metadata).toMatchObject({ jobId: job.id });
  const events = await eventsOf(job);
  expect(events.filter(({ type }) => type === 'progress').length).toBeGreaterThanOrEqual(4);
  expect(events.filter(({ type }) => type === 'accuracy')).toHaveLength(2);
  const { executor, seed, isochronVersion } = trained.candidate!;
  expect(isochronVersion).toMatch(/^\d+\./);
  expect({ ...executor, seed }).toMatchObject({
    ...{ name: 'onnxruntime', provider: 'cpu', threads: 1, seed: 1, cpuClass: expect.stringMatching(/ /) },
  });
  await nothingLeft();
  expect(await storedCheckpoints(job)).toEqual([]);
  await handle(job); // delivered twice: nothing to do
  expect((await current(job)).attempt).toBe(1);
});

test('a fault of the user fails the job at once', async () => {
  const job = await submitted({ ...TINY_TRAINING, minChannels: 8 }, { ratios: [0, 0.95] });
  await expect(handle(job)).rejects.toMatchObject({ code: 'ratio_unreachable' });
  expect(await current(job)).toMatchObject({
    state: 'failed',
    error: { code: 'ratio_unreachable', fault: 'user', message: expect.stringContaining('0.95') },
  });
});

test('a crash is tried again from the newest checkpoint, until it is not', async () => {
  const job = await submitted(ENDLESS_TRAINING);
  const kept = async () =>
    ((await current(job)).checkpoint?.files ?? []).some((file) => file.path >= '00000003.safetensors');
  expect(await handleAndKill(job, {}, kept)).toMatchObject({ code: 'training_crashed' });
  expect(await current(job)).toMatchObject({ state: 'queued', stage: 'train' });
  const resumed = async () => {
    const events = await eventsOf(job);
    return events.some(({ type }) => type === 'resumed') && events.at(-1)?.type === 'progress';
  };
  const last = await handleAndKill(job, { willRetry: () => false }, resumed);
  expect(last).toMatchObject({ message: expect.stringContaining('SIGKILL') });
  const steps = (await eventsOf(job)).flatMap((event) =>
    event.type === 'resumed' || event.type === 'progress' ? [{ type: event.type, ...event.progress }] : [],
  );
  const from = steps.findIndex(({ type }) => type === 'resumed');
  expect(steps[from]).toMatchObject({
    phase: 'joint',
    step: expect.any(Number),
    fraction: expect.any(Number),
  });
  expect(steps[from + 1]!.step).toBeGreaterThan(steps[from]!.step);
  const failed = await current(job);
  expect(await storedCheckpoints(job)).toEqual(failed.checkpoint!.files.map(({ key }) => key).sort());
  expect(failed).toMatchObject({
    state: 'failed',
    attempt: 2,
    error: { code: 'training_crashed', fault: 'infrastructure' },
  });
  await nothingLeft();
});

test('a job whose engine this worker has not is left to others, says so, and has lost no attempt', async () => {
  const engine = { executor: 'onnxruntime' as const, provider: 'cuda' as const };
  const job = await submitted({ ...TINY_TRAINING, engine });
  await expect(handle(job)).rejects.toBeInstanceOf(MessageRefused);
  expect(await current(job)).toMatchObject({
    ...{ state: 'queued', stage: 'train', attempt: 0 },
    waiting: { reason: expect.stringMatching(/^no worker has engine onnxruntime on cuda/) },
  });
  await nothingLeft();
});

test('a worker that stops keeps a checkpoint, lets go of the job and writes nothing more about it', async () => {
  const job = await submitted(ENDLESS_TRAINING);
  const stop = new AbortController();
  const reason = new ConsumerStopped('the worker stops');
  await expect(handle(job, { signal: stop.signal }, () => stop.abort(reason))).rejects.toBe(reason);
  expect(await current(job)).toMatchObject({ state: 'queued', stage: 'train', attempt: 1 });
  expect((await eventsOf(job)).slice(-3)).toMatchObject([
    { type: 'checkpoint', attempt: 1 },
    { type: 'log', message: 'worker "worker" stops and hands the job back' },
    { type: 'state', state: 'queued', attempt: 1 },
  ]);
  expect(await storedCheckpoints(job)).not.toEqual([]);
  await nothingLeft();
});

test('a worker whose job was taken by another one kills its training', async () => {
  const job = await submitted(ENDLESS_TRAINING);
  const takeAway = () =>
    void world.service.workerReports.begin({ jobId: job.id, stage: 'train', generation: 0 });
  await handle(job, {}, takeAway);
  expect(await current(job)).toMatchObject({ state: 'running', attempt: 2 });
  await nothingLeft();
});
