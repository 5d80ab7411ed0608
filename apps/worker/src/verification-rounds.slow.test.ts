import { CreateCalibration, type Job } from '#contracts';
import type { Service } from '#service';
import { aDevice, aLatencyTable, aMeasuringTask, aSummary, type TestStorage } from '#testkit';
import { openWorkerWorld, submit, work as handle, type WorkerWorld } from './testing/a-worker.js';
import { AGENT, measureAsAgent, type MsAt } from './testing/an-agent.js';
import { TINY_TRAINING } from './testing/training-orders.js';

let world: WorkerWorld;
let store: TestStorage;
let service: Service;
beforeAll(async () => {
  world = await openWorkerWorld('rounds');
  ({ store, service } = world);
});
afterAll(() => world.close());

/** Medians of proxies: the slow point takes as long at ratio 0.5 as the fast one does dense. */
const PROXY_MS: Record<string, Record<number, number>> = {
  fast: { 0: 10, 0.5: 6 },
  slow: { 0: 20, 0.5: 10, 0.8: 5 },
};

/** A calibration of a device whose proxies were measured. */
async function calibrated() {
  const { storage, actor } = store;
  const device = aDevice(actor);
  await storage.devices.create(device);
  const task = aMeasuringTask(device);
  await storage.measuringTasks.create(task);
  const [now, expiresAt] = [new Date(), new Date(Date.now() + 60_000)];
  const lease = { deviceId: device.id, agent: AGENT, token: 't', now, expiresAt };
  await storage.measuringTasks.leaseNext(actor, lease);
  const table = aLatencyTable(task);
  const largest = { ...table.cells.at(-1)!, operatingPoint: 'slow', index: table.cells.length, ratio: 0.8 };
  const cells = [...table.cells, largest].map((cell) => ({
    ...cell,
    summary: { ...aSummary(PROXY_MS[cell.operatingPoint]![cell.ratio]!), n: 12 },
  }));
  const hold = { taskId: task.id, token: 't', now };
  await storage.measuringTasks.complete(actor, hold, () => ({ ...table, cells }));
  const request = CreateCalibration.parse({ latencyTableId: table.id, save: true });
  const calibration = await service.calibrations.create(actor, request);
  if (!('id' in calibration)) throw new Error('expected a stored calibration');
  expect(calibration.choices.map(({ ratio }) => ratio)).toEqual([0, 0.5]);
  const reserve = calibration.ratios[2]!;
  expect(reserve).toBeGreaterThan(0.5);
  return { deviceId: device.id, calibrationId: calibration.id, reserve };
}

const submitted = async (calibrationId: string): Promise<Job> => {
  const { datasetId } = world;
  return submit(world, { datasetId, ratios: undefined, calibrationId, training: TINY_TRAINING });
};

const current = (job: Job) => service.jobs.get(store.actor, job.id);
/** Does what the workers do with the message of the job's stage. */
const work = async (job: Job): Promise<void> => handle(await current(job), world);

const measure = (deviceId: string, msAt: MsAt) => measureAsAgent(service, store.actor, deviceId, msAt);

test('a point that misses the target gets a ratio of its own, derived without training and measured in turn', async () => {
  const { deviceId, calibrationId } = await calibrated();
  const job = await submitted(calibrationId);
  await work(job);
  await work(job);
  // The trained network of ratio 0.5 is faster than its proxy was.
  const first = await measure(deviceId, (point, ratio) => PROXY_MS[point]![ratio]! * (ratio > 0 ? 0.8 : 1));
  expect(first).toEqual([
    ['fast', 0],
    ['slow', 0],
    ['slow', 0.5],
  ]);
  const missed = await current(job);
  expect(missed).toMatchObject({ state: 'queued', stage: 'adjust', verification: { rounds: 1 } });
  const [fast, slow] = missed.verification!.points;
  expect(fast).toMatchObject({ operatingPoint: 'fast', held: true, best: { ratio: 0 } });
  expect(slow).toMatchObject({ operatingPoint: 'slow', held: false, best: { ratio: 0.5 } });
  const next = slow!.nextRatio!;
  expect(next).toBeGreaterThan(0.2);
  expect(next).toBeLessThan(0.5);
  const trainedRatios = missed.candidate!.ratios;

  await work(job);
  const adjusted = await current(job);
  expect(adjusted).toMatchObject({ state: 'running', stage: 'verify' });
  expect(adjusted.candidate!.ratios).toEqual([
    trainedRatios[0],
    expect.objectContaining({ ratio: next, derived: true }),
    ...trainedRatios.slice(1),
  ]);
  await work(job);
  const second = await measure(deviceId, () => 10);
  expect(second).toEqual([['slow', next]]);
  expect(await current(job)).toMatchObject({ stage: 'publish', verification: { rounds: 2 } });

  await work(job);
  const { model, version } = await current(job);
  const published = await service.registry.version(store.actor, model, version!);
  const [deployment] = published.deployments;
  expect(deployment!.latencyTableIds).toHaveLength(2);
  expect(deployment!.points.map((p) => [p.operatingPoint, p.ratio, p.withinTolerance])).toEqual([
    ['fast', 0, true],
    ['slow', next, true],
  ]);
  expect(deployment!.stability.calibrated.spread).toBeCloseTo(1, 2);
  expect(published.ratios).toHaveLength(4);
});

test('a point whose trained network is slower than its proxy gets a larger ratio', async () => {
  const { deviceId, calibrationId, reserve } = await calibrated();
  const job = await submitted(calibrationId);
  await work(job);
  await work(job);
  await measure(deviceId, (point, ratio) => PROXY_MS[point]![ratio]! * (ratio > 0 ? 1.07 : 1));
  const { stage, verification } = await current(job);
  expect(stage).toBe('adjust');
  const { nextRatio } = verification!.points.find(({ operatingPoint }) => operatingPoint === 'slow')!;
  expect(nextRatio).toBeGreaterThan(0.5);
  expect(nextRatio).toBeLessThanOrEqual(reserve);
});
