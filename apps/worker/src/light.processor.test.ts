import { randomUUID } from 'node:crypto';
import { writeBundle } from '#bundle';
import { newAudit, type Job } from '#contracts';
import { costOf, denseWidths } from '#network';
import { randomSubnet } from '#pruning';
import type { Delivery } from '#queue';
import { networkOf, wireService, type Service } from '#service';
import {
  aCalibration,
  aCandidate,
  aDataset,
  aDevice,
  aJobRequest,
  aLatencyTable,
  aMeasuringTask,
  testStorage,
  type TestStorage,
} from '#testkit';
import { aDelivery, aLightProcessor } from './testing/a-worker.js';
import { measureAsAgent } from './testing/an-agent.js';

const NETWORK = { family: 'resnet' as const, depth: 8, widthMultiplier: 0.25 };
const INPUT = { channels: 1, height: 8, width: 8 };

let store: TestStorage;
let service: Service;
beforeAll(async () => {
  store = await testStorage();
  service = wireService(store.storage);
});
afterAll(() => store.close());

const handle = (job: Job, stage: 'verify' | 'publish', changes: Partial<Delivery> = {}): Promise<void> =>
  aLightProcessor(service).process({ jobId: job.id, stage, generation: 0 }, aDelivery(changes));

/** A bundle of one ratio, as a training would leave it. */
function aBundle(): Uint8Array {
  const network = networkOf(NETWORK, INPUT, 2);
  const { parameters, batchNorm } = randomSubnet(network, denseWidths(network), 1);
  const widths = denseWidths(network);
  const mask = Object.fromEntries(
    Object.entries(widths).map(([group, channels]) => [group, new Float32Array(channels).fill(1)]),
  );
  const member = { ratio: 0, threshold: 0, widths, cost: costOf(network), batchNorm };
  return writeBundle({ network, parameters, mask, members: [member] }, {});
}

/** A job whose training left `bundle` behind; with a calibration, so that a device is to verify it. */
async function trainedJob(bundle: Uint8Array, { verified }: { verified: boolean }): Promise<Job> {
  const { storage, actor } = store;
  const dataset = aDataset(actor, { input: INPUT, classes: 2 });
  await storage.datasets.create(dataset);
  const calibrationId = verified ? await calibrate() : undefined;
  const request = aJobRequest({
    model: `m-${randomUUID().slice(0, 8)}`,
    network: NETWORK,
    datasetId: dataset.id,
    ...(verified ? { ratios: undefined, calibrationId } : { ratios: [0] }),
  });
  const job = await service.jobs.submit(actor, request);
  const { attempt } = (await service.workerReports.begin({ jobId: job.id, stage: 'train', generation: 0 }))!;
  const stored = await storage.artifacts.putBytes(bundle);
  const candidate = aCandidate({ bundle: stored });
  return service.workerReports.trained(job.id, attempt, candidate);
}

async function calibrate(): Promise<string> {
  const { storage, actor } = store;
  const device = aDevice(actor);
  await storage.devices.create(device);
  const task = aMeasuringTask(device);
  await storage.measuringTasks.create(task);
  const agent = { name: 'a', version: '1' };
  const [now, expiresAt] = [new Date(), new Date(Date.now() + 60_000)];
  await storage.measuringTasks.leaseNext(actor, { deviceId: device.id, agent, token: 't', now, expiresAt });
  const table = aLatencyTable(task);
  await storage.measuringTasks.complete(actor, { taskId: task.id, token: 't', now }, () => table);
  const { choices, ...others } = aCalibration(table, { ratios: [0] });
  const dense = choices.map((choice) => ({ ...choice, ratio: 0 }));
  const calibration = { ...others, choices: dense, ...newAudit(actor, randomUUID(), now) };
  await storage.calibrations.create(calibration);
  return calibration.id;
}

const current = (job: Job) => service.jobs.get(store.actor, job.id);
const versionsOf = ({ model }: Job) => service.registry.model(store.actor, model);

test('publishes a candidate as version 1, once however often it is told to', async () => {
  const job = await trainedJob(aBundle(), { verified: false });
  await handle(job, 'publish');
  await handle(job, 'publish');
  expect(await current(job)).toMatchObject({ state: 'succeeded', version: 1, worker: { name: 'worker' } });
  expect(await service.registry.model(store.actor, job.model)).toMatchObject({ latestVersion: 1 });
});

test('gives a candidate to its device, once however often it is told to', async () => {
  const job = await trainedJob(aBundle(), { verified: true });
  await handle(job, 'verify');
  await handle(job, 'verify');
  const { measuringTaskId, state, stage } = await current(job);
  expect([state, stage]).toEqual(['running', 'verify']);
  const tasks = await service.measuring.list(store.actor, { limit: 50, jobId: job.id });
  expect(tasks.items.map(({ id }) => id)).toEqual([measuringTaskId]);
  expect(tasks.items[0]).toMatchObject({ purpose: 'verify', input: INPUT, state: 'queued' });
  expect(tasks.items[0]!.subnets.map(({ ratio }) => ratio)).toEqual([0]);
});

test('a candidate that cannot be read fails its job instead of being tried for ever', async () => {
  const job = await trainedJob(Buffer.from('no bundle'), { verified: true });
  await expect(handle(job, 'verify')).rejects.toMatchObject({ code: 'artifact_corrupt' });
  expect(await current(job)).toMatchObject({ state: 'failed', error: { code: 'artifact_corrupt' } });
});

test('a last try that fails once the device was asked fails no job that has gone on', async () => {
  const job = await trainedJob(aBundle(), { verified: true });
  const { jobs } = service;
  const apply = jobs.applyOutcome.bind(jobs);
  jobs.applyOutcome = async () => {
    jobs.applyOutcome = apply;
    await measureAsAgent(service, store.actor, job.deviceId!, () => 10);
    throw new Error('the database was away');
  };
  await expect(handle(job, 'verify', { willRetry: () => false })).rejects.toThrow('the database was away');
  expect(await current(job)).toMatchObject({ state: 'queued', stage: 'publish' });
});

test('publishing that fails is tried again, until it is not', async () => {
  const job = await trainedJob(aBundle(), { verified: false });
  const { registry } = service;
  const draft = registry.draft.bind(registry);
  registry.draft = () => Promise.reject(new Error('password is hunter2'));
  try {
    await expect(handle(job, 'publish')).rejects.toThrow('hunter2');
    expect(await current(job)).toMatchObject({ state: 'queued', stage: 'publish' });
    await expect(handle(job, 'publish', { willRetry: () => false })).rejects.toThrow('hunter2');
  } finally {
    registry.draft = draft;
  }
  const { state, error } = await current(job);
  expect([state, error?.code, error?.message]).toEqual([
    'failed',
    'internal',
    expect.not.stringContaining('hunter2'),
  ]);
});

test('a job that is cancelled after the death of its publishing worker has published nothing', async () => {
  const job = await trainedJob(aBundle(), { verified: false });
  const { workerReports: reports } = service;
  const published = reports.published.bind(reports);
  const killed = new Promise<void>((dies) => {
    reports.published = () => {
      dies();
      return new Promise(() => {});
    };
  });
  void handle(job, 'publish');
  await killed;
  reports.published = published;
  await service.jobs.cancel(store.actor, job.id);
  await handle(job, 'publish');
  expect(await current(job)).toMatchObject({ state: 'cancelled' });
  await expect(versionsOf(job)).rejects.toMatchObject({ code: 'not_found' });
});

test('a worker that lost its job publishes nothing', async () => {
  const job = await trainedJob(aBundle(), { verified: false });
  const { registry, workerReports } = service;
  const draft = registry.draft.bind(registry);
  registry.draft = async (held) => {
    registry.draft = draft;
    await workerReports.begin({ jobId: job.id, stage: 'publish', generation: 0 });
    return draft(held);
  };
  await handle(job, 'publish');
  expect(await current(job)).toMatchObject({ state: 'running', stage: 'publish' });
  await expect(versionsOf(job)).rejects.toMatchObject({ code: 'not_found' });
  await handle(job, 'publish');
  expect(await current(job)).toMatchObject({ state: 'succeeded', version: 1 });
});
