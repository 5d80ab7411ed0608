import { randomUUID } from 'node:crypto';
import type { Deployment, Device, LeasedTask, MeasuringTask, VersionDeployment } from '#contracts';
import { aProvenance, publishAddendumTo, publishBundle, type PublishedBundle } from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let published: PublishedBundle;
let url: string;
beforeAll(async () => void (api = await startTestApi()));
beforeEach(async () => {
  const { storage, actor } = api.store;
  published = await publishBundle(storage, actor);
  url = `/v1/models/${published.version.model}/versions/1/deployments`;
});
afterAll(() => api.close());

async function aBoard(): Promise<Device> {
  const operatingPoints = [
    { name: 'fast', cpuHz: 2e9 },
    { name: 'slow', cpuHz: 1e9 },
  ];
  const name = `board-${randomUUID().slice(0, 8)}`;
  return (await api.post<Device>('/v1/devices', { name, operatingPoints })).body;
}

type MsAt = (point: string, ratio: number) => number;
/** As fast at the slow point with half of the network as at the fast one with all of it. */
const MS: MsAt = (point, ratio) => (point === 'fast' ? 10 : 20) * (1 - ratio);

/** Measures the device's next task as an agent would, and says that it has. */
async function measure(deviceId: string, msAt: MsAt = MS): Promise<{ status: number; task: MeasuringTask }> {
  const lease = { deviceId, agent: { name: 'agent', version: '1' }, waitSeconds: 0 };
  const { body: task } = await api.post<LeasedTask>('/v1/measuring-tasks/lease', lease);
  const { id, leaseToken, cells } = task;
  for (const { index, operatingPoint, ratio } of cells) {
    const samplesMs = [0.999, 1, 1.001, 1, 1].map((factor) => factor * msAt(operatingPoint, ratio));
    const cell = { leaseToken, samplesMs, provenance: aProvenance() };
    await api.put(`/v1/measuring-tasks/${id}/cells/${index}`, cell);
  }
  const { status } = await api.post(`/v1/measuring-tasks/${id}/complete`, { leaseToken });
  return { status, task: (await api.get<MeasuringTask>(`/v1/measuring-tasks/${id}`)).body };
}

const deploymentOf = async ({ deployed }: MeasuringTask): Promise<Deployment> => {
  if (!deployed || !('deploymentId' in deployed))
    throw new Error(`not deployed: ${JSON.stringify(deployed)}`);
  return (await api.get<Deployment>(`/v1/deployments/${deployed.deploymentId}`)).body;
};
const listed = async () => (await api.get<{ items: VersionDeployment[] }>(url)).body.items;

test('a device that measures the subnets of a version gets a deployment of it', async () => {
  await publishAddendumTo(api.store.storage, published, 0.25);
  const { id: deviceId } = await aBoard();
  const asked = await api.post<MeasuringTask>(url, { deviceId });
  expect(asked.status).toBe(202);
  expect(asked.headers.get('location')).toBe(`/v1/measuring-tasks/${asked.body.id}`);
  expect(asked.body).toMatchObject({
    purpose: 'verify',
    deploys: { version: 1, tolerance: 0.05, mode: 'stable' },
  });
  expect(asked.body.subnets.map(({ ratio }) => ratio)).toEqual([0, 0.25, 0.5]);
  expect(asked.body.cells).toHaveLength(6);
  const key = await api.keyOf(api.store.actor, 'device', deviceId);
  const file = await api.fetch(asked.body.subnets[1]!.onnx.url, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect([file.status, (await file.arrayBuffer()).byteLength]).toEqual([
    200,
    asked.body.subnets[1]!.onnx.bytes,
  ]);
  expect(await listed()).toEqual([]);

  const { task } = await measure(deviceId);
  const deployment = await deploymentOf(task);
  expect(deployment).toMatchObject({
    deviceId,
    version: 1,
    latencyTableId: task.latencyTableId,
    tolerance: 0.05,
  });
  expect(
    deployment.points.map((point) => [point.operatingPoint, point.ratio, point.withinTolerance]),
  ).toEqual([
    ['fast', 0, true],
    ['slow', 0.5, true],
  ]);
  expect(deployment.stability.dense.spread).toBeCloseTo(2, 2);
  expect(deployment.stability.calibrated.spread).toBeCloseTo(1, 2);
  const calibration = await api.get(`/v1/calibrations/${deployment.calibrationId}`);
  expect(calibration.body).toMatchObject({ deviceId, latencyTableId: task.latencyTableId });
});

test('another measurement makes another one, which holds what the one before held and is current then', async () => {
  const [{ id: deviceId }, { id: other }] = [await aBoard(), await aBoard()];
  for (const device of [deviceId, other]) {
    await api.post(url, { deviceId: device, protocol: { batch: 2, samples: 5 } });
    await measure(device);
  }
  const [, first] = await listed();
  expect(first).toMatchObject({ deviceId, current: true });
  // The device has become slower.
  const again = await api.post<MeasuringTask>(url, { deviceId });
  expect(again.body).toMatchObject({ protocol: { batch: 2, samples: 5 } });
  const { task } = await measure(deviceId, (point, ratio) => 1.3 * MS(point, ratio));
  const second = await deploymentOf(task);
  expect(second.targetMs).toBeCloseTo(first!.targetMs, 6);
  expect((await listed()).map(({ id, current }) => [id, current])).toEqual([
    [second.id, true],
    [expect.any(String), true],
    [first!.id, false],
  ]);
  expect((await api.get(`${url}?limit=1`)).body.nextCursor).toEqual(expect.any(String));
  expect((await api.get(`${url.replace('deployments', '')}`)).body.deployments).toHaveLength(3);
});

test('measurements that are there make a deployment at once, once per Idempotency-Key', async () => {
  const { id: deviceId } = await aBoard();
  await api.post(url, { deviceId, target: { kind: 'latency', latencyMs: 10 } });
  const { latencyTableId } = (await measure(deviceId)).task;
  const body = { deviceId, latencyTableId, target: { kind: 'latency', latencyMs: 5 }, tolerance: 0.1 };
  const key = { 'idempotency-key': randomUUID() };
  const made = await api.post<Deployment>(url, body, key);
  expect([made.status, made.headers.get('location')]).toEqual([201, `/v1/deployments/${made.body.id}`]);
  expect(made.body).toMatchObject({ targetMs: 5, tolerance: 0.1 });
  expect(made.body.points.map(({ ratio, withinTolerance }) => [ratio, withinTolerance])).toEqual([
    [0.5, true],
    [0.5, false],
  ]);
  expect((await api.post<Deployment>(url, body, key)).body).toEqual(made.body);
  expect(await listed()).toHaveLength(2);
  const by = { deviceId, latencyTableId, calibrationId: made.body.calibrationId };
  expect((await api.post<Deployment>(url, by)).body).toMatchObject({ targetMs: 5, tolerance: 0.1 });
});

test('a deployment that nobody made, because the process died, is made up for, and one is enough', async () => {
  const { id: deviceId } = await aBoard();
  await api.post(url, { deviceId });
  const { deployments } = api.store.storage;
  const settle = deployments.settle.bind(deployments);
  deployments.settle = () => Promise.reject(new Error('killed'));
  const { status, task } = await measure(deviceId);
  deployments.settle = settle;
  expect([status, task.state, task.deployed]).toEqual([500, 'completed', undefined]);
  const { deployments: service } = api.service;
  await service.settleMissed(new Date(Date.now() - 60_000));
  expect(await listed()).toEqual([]);
  const missed = () => service.settleMissed(new Date(Date.now() + 1000));
  await Promise.all([missed(), missed(), service.ended(task)]);
  await missed();
  expect(await listed()).toHaveLength(1);
});

test('what cannot be deployed says why, on its task', async () => {
  const { id: deviceId } = await aBoard();
  await api.post(url, { deviceId, target: { kind: 'fastest-at-ratio', ratio: 0.9 } });
  const { status, task } = await measure(deviceId);
  expect([status, task.state]).toEqual([200, 'completed']);
  expect(task.deployed).toMatchObject({ error: { code: 'latency_table_unusable' } });
  expect(await listed()).toEqual([]);
});

test('what is not there, or of something else, is refused by name', async () => {
  const { id: deviceId } = await aBoard();
  const refused = async (body: object) =>
    expectProblem(await api.post(url, { deviceId, ...body }), 400, 'invalid_request').errors;
  expect(await refused({ deviceId: randomUUID() })).toMatchObject([{ field: 'deviceId' }]);
  expect(await refused({ ratios: [0, 0.3] })).toMatchObject([
    { field: 'ratios[1]', value: 0.3, expected: "one of the version's: 0, 0.5" },
  ]);
  expect(await refused({ calibrationId: randomUUID() })).toMatchObject([{ field: 'calibrationId' }]);
  expect(await refused({ latencyTableId: randomUUID() })).toMatchObject([{ field: 'latencyTableId' }]);
  expect(await refused({ latencyTableId: randomUUID(), ratios: [0] })).toMatchObject([{ field: 'ratios' }]);
  await api.post(url, { deviceId });
  const { latencyTableId } = (await measure(deviceId)).task;
  const { version } = await publishBundle(api.store.storage, api.store.actor);
  const elsewhere = `/v1/models/${version.model}/versions/1/deployments`;
  const answer = await api.post(elsewhere, { deviceId, latencyTableId });
  expect(expectProblem(answer, 400, 'invalid_request').errors).toMatchObject([{ field: 'latencyTableId' }]);
  expect(await refused({ deviceId: (await aBoard()).id, latencyTableId })).toMatchObject([
    { field: 'latencyTableId', expected: expect.stringContaining('measurements of device') },
  ]);
});
