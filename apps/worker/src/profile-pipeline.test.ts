import type { Device, Job } from '#contracts';
import { aDevice } from '#testkit';
import { openWorkerWorld, submit, work as handle, type WorkerWorld } from './testing/a-worker.js';
import { measureAsAgent, type MsAt } from './testing/an-agent.js';
import { TINY_TRAINING } from './testing/training-orders.js';

let world: WorkerWorld;
beforeAll(async () => void (world = await openWorkerWorld('profile')));
afterAll(() => world.close());

/** What is pruned away saves time; the slow point takes twice as long as the fast one. */
const msAt: MsAt = (point, ratio) => (point === 'slow' ? 20 : 10) * (1 - 0.8 * ratio);
const RATIOS = [0, 0.25, 0.5, 0.75];

async function aStoredDevice(): Promise<Device> {
  const device = aDevice(world.store.actor);
  await world.store.storage.devices.create(device);
  return device;
}

const submitted = (deviceId: string, changes: object = {}, profile: object = {}): Promise<Job> =>
  submit(world, {
    ...{ datasetId: world.datasetId, ratios: undefined, training: TINY_TRAINING },
    profile: { deviceId, ratios: RATIOS, ...profile },
    ...changes,
  });
const current = (job: Job) => world.service.jobs.get(world.store.actor, job.id);
const work = async (job: Job): Promise<void> => handle(await current(job), world);
const measure = (device: Device, how: MsAt = msAt) =>
  measureAsAgent(world.service, world.store.actor, device.id, how);
const tasksOf = async (job: Job) =>
  (await world.service.measuring.list(world.store.actor, { limit: 50, jobId: job.id })).items;
const stagesOf = async (job: Job) =>
  (await world.store.storage.jobs.eventsAfter(world.store.actor, job.id, 0, 500)).flatMap(({ event }) =>
    event.type === 'state' ? [`${event.stage} ${event.state}`] : [],
  );

test('a job measures its device, calibrates, trains, verifies and publishes', async () => {
  const device = await aStoredDevice();
  const job = await submitted(device.id);
  expect(job).toMatchObject({ state: 'running', stage: 'measure', deviceId: device.id, ratios: [] });
  await work(job);
  await work(job); // delivered twice: one task all the same
  const [profile, ...others] = await tasksOf(job);
  expect(others).toEqual([]);
  expect(profile).toMatchObject({ purpose: 'profile', state: 'queued', jobId: job.id });
  expect(await measure(device)).toHaveLength(2 * RATIOS.length);

  const measured = await current(job);
  expect(measured).toMatchObject({ state: 'queued', stage: 'calibrate' });
  expect(measured.measuringTaskId).toBeUndefined();
  await work(job);
  const calibrated = await current(job);
  expect(calibrated).toMatchObject({ state: 'queued', stage: 'train' });
  const calibration = await world.store.storage.calibrations.find(
    world.store.actor,
    calibrated.calibrationId!,
  );
  expect(calibration).toMatchObject({
    ...{ deviceId: device.id, latencyTableId: measured.latencyTableId, ratios: calibrated.ratios },
    targetMs: expect.closeTo(10, 1),
  });
  const slow = calibration!.choices.find(({ operatingPoint }) => operatingPoint === 'slow')!;
  expect(slow.ratio).toBeCloseTo(0.625, 1);

  await work(job);
  expect(await current(job)).toMatchObject({ state: 'running', stage: 'verify' });
  await work(job);
  expect(await measure(device)).toEqual([
    ['fast', 0],
    ['slow', 0],
    ['slow', slow.ratio],
  ]);
  expect(await current(job)).toMatchObject({ state: 'queued', stage: 'publish' });
  await work(job);

  const { state, version, model } = await current(job);
  expect([state, version]).toEqual(['succeeded', 1]);
  const published = await world.service.registry.version(world.store.actor, model, 1);
  expect(published.deployments).toMatchObject([{ deviceId: device.id }]);
  expect(published.deployments[0]!.points.map(({ withinTolerance }) => withinTolerance)).toEqual([
    true,
    true,
  ]);
  expect(await stagesOf(job)).toEqual([
    ...['measure running', 'calibrate queued', 'calibrate running', 'train queued', 'train running'],
    ...['verify running', 'publish queued', 'publish running', 'publish succeeded'],
  ]);
});

test('a worker that dies while it calibrates leaves no calibration behind', async () => {
  const device = await aStoredDevice();
  const job = await submitted(device.id, { until: 'calibrate' });
  await work(job);
  await measure(device);
  const { service, store } = world;
  const { workerReports: reports } = service;
  const calibrated = reports.calibrated.bind(reports);
  const killed = new Promise<string>((dies) => {
    reports.calibrated = (_jobId, _attempt, { id }) => {
      dies(id);
      return new Promise(() => {});
    };
  });
  void work(job);
  const lost = await killed;
  reports.calibrated = calibrated;
  expect(await store.storage.calibrations.find(store.actor, lost)).toBeUndefined();
  await work(job);
  const { state, calibrationId } = await current(job);
  expect(state).toBe('succeeded');
  expect(calibrationId).not.toBe(lost);
});

test('a job that ends with a stage is taken further from there', async () => {
  const device = await aStoredDevice();
  const job = await submitted(device.id, { until: 'measure' });
  await work(job);
  await measure(device);
  const measured = await current(job);
  expect(measured).toMatchObject({ state: 'succeeded', stage: 'measure' });
  expect(measured.latencyTableId).toBeDefined();
  await world.service.jobs.goOn(world.store.actor, job.id, 'calibrate');
  await work(job);
  const calibrated = await current(job);
  expect(calibrated).toMatchObject({ state: 'succeeded', stage: 'calibrate' });
  expect(calibrated.ratios.length).toBeGreaterThan(1);
  await world.service.jobs.goOn(world.store.actor, job.id, 'verify');
  await work(job);
  await work(job);
  await measure(device);
  expect(await current(job)).toMatchObject({ state: 'succeeded', stage: 'verify' });
  await world.service.jobs.goOn(world.store.actor, job.id, 'publish');
  await work(job);
  expect(await current(job)).toMatchObject({ state: 'succeeded', stage: 'publish', version: 1 });
});

test('paused while its device verifies, it is published once it is resumed', async () => {
  const device = await aStoredDevice();
  const job = await submitted(device.id);
  await work(job);
  await measure(device);
  await work(job);
  await work(job);
  await work(job);
  expect(await world.service.jobs.pause(world.store.actor, job.id)).toMatchObject({
    state: 'pausing',
    stage: 'verify',
  });
  await measure(device);
  expect(await current(job)).toMatchObject({ state: 'paused', stage: 'publish' });
  await world.service.jobs.resume(world.store.actor, job.id);
  await work(job);
  expect(await current(job)).toMatchObject({ state: 'succeeded', version: 1 });
});

test('cancelled while its device measures, its task is cancelled too; a retry asks for another one', async () => {
  const device = await aStoredDevice();
  const job = await submitted(device.id);
  await work(job);
  expect(await world.service.jobs.cancel(world.store.actor, job.id)).toMatchObject({ state: 'cancelled' });
  expect((await tasksOf(job)).map(({ state }) => state)).toEqual(['cancelled']);
  await world.service.jobs.retry(world.store.actor, job.id);
  await work(job);
  expect((await tasksOf(job)).map(({ state }) => state)).toEqual(['queued', 'cancelled']);
  await measure(device);
  expect(await current(job)).toMatchObject({ state: 'queued', stage: 'calibrate' });
});

test('a user who cancels the measuring task of a job fails it, and may retry it', async () => {
  const device = await aStoredDevice();
  const job = await submitted(device.id);
  await work(job);
  const { measuringTaskId } = await current(job);
  await world.service.measuring.cancel(world.store.actor, measuringTaskId!);
  expect(await current(job)).toMatchObject({
    state: 'failed',
    error: { code: 'measuring_failed', fault: 'user', message: 'the measuring task was cancelled' },
  });
  await world.service.jobs.retry(world.store.actor, job.id);
  await world.service.measuring.cancel(world.store.actor, measuringTaskId!); // of before: nothing to the job
  expect(await current(job)).toMatchObject({ state: 'running', stage: 'measure' });
});

test('a job that needs more operating points than it may train ratios trains as many as it may', async () => {
  const device = await aStoredDevice();
  const job = await submitted(device.id, {}, { maxTrainedRatios: 1 });
  await work(job);
  await measure(device);
  await work(job);
  expect((await current(job)).ratios).toHaveLength(1);
});

test('untrained ratios that what was chosen leaves no place for fail the job, as the user’s fault', async () => {
  const device = await aStoredDevice();
  const job = await submitted(device.id, { untrainedRatios: [0.1, 0.94] });
  await work(job);
  await measure(device);
  await expect(work(job)).rejects.toMatchObject({ code: 'invalid_request' });
  expect(await current(job)).toMatchObject({
    ...{ state: 'failed', stage: 'calibrate' },
    error: { code: 'invalid_request', fault: 'user', message: expect.stringContaining('untrainedRatios') },
  });
});
