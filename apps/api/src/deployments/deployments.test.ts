import { randomUUID } from 'node:crypto';
import { PointDrift, type Deployment, type DeploymentDrift, type FieldLatencyVerdict } from '#contracts';
import { aDeploymentPoint, publishDeployment, storedRegistry } from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

const POINTS = [aDeploymentPoint('fast', 8), aDeploymentPoint('slow', 10)];
const deploy = (actor = api.store.actor, changes: Partial<Deployment> = {}) =>
  publishDeployment(storedRegistry(api.store.storage), actor, { points: POINTS, ...changes });
const post = ({ id }: { id: string }, body: object, headers: Record<string, string> = {}) =>
  api.post<FieldLatencyVerdict>(
    `/v1/deployments/${id}/field-latencies`,
    { operatingPoint: 'slow', ...body },
    headers,
  );
const driftOf = async ({ id }: { id: string }) =>
  (await api.get<DeploymentDrift>(`/v1/deployments/${id}/drift`)).body;

/** Around `ms`, up to 10 % above and below, one in twenty 3 times as long; the same in every run. */
function noisy(count: number, ms: number, seed = 1): number[] {
  let state = seed;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return Array.from({ length: count }, () => ms * (random() < 0.05 ? 3 : 1) * (1 + 0.2 * (random() - 0.5)));
}

test('finds a deployment by its id and lists those of a device, newest first', async () => {
  const first = await deploy();
  const { deviceId } = first;
  const createdAt = new Date(Date.parse(first.createdAt) + 1000).toISOString();
  const second = await deploy(api.store.actor, { deviceId, createdAt });
  await deploy();
  expect((await api.get(`/v1/deployments/${first.id}`)).body).toEqual(first);
  const newest = await api.get(`/v1/deployments?deviceId=${deviceId}&limit=1`);
  expect(newest.body.items).toEqual([second]);
  const rest = await api.get(`/v1/deployments?deviceId=${deviceId}&limit=1&cursor=${newest.body.nextCursor}`);
  expect(rest.body).toEqual({ items: [first] });
  expect((await api.get('/v1/deployments')).body.items.length).toBeGreaterThanOrEqual(3);
  const problem = expectProblem(await api.get('/v1/deployments?deviceId=phone'), 400, 'invalid_request');
  expect(problem.errors?.[0]).toMatchObject({ field: 'deviceId', value: 'phone' });
});

test('10,000 stationary latencies raise nothing; 8 % more within 400 do, and it stays', async () => {
  const deployment = await deploy();
  for (let sequence = 0; sequence < 10; sequence++) {
    const calm = await post(deployment, { latenciesMs: noisy(1000, 10, sequence), sequence });
    expect([calm.status, calm.body.recalibrationNeeded]).toEqual([200, false]);
  }
  expect(await driftOf(deployment)).toMatchObject({
    recalibrationNeeded: false,
    deviceId: deployment.deviceId,
  });

  const measuredAt = new Date().toISOString();
  const slow = await post(deployment, { latenciesMs: noisy(400, 10.8, 77), measuredAt });
  expect(slow.body).toMatchObject({ recalibrationNeeded: true, drifted: 'slower', driftedAt: measuredAt });
  expect(slow.body.evidence.slower).toBeGreaterThanOrEqual(slow.body.evidence.needed);
  const calmAgain = await post(deployment, { latenciesMs: noisy(10_000, 10) });
  expect(calmAgain.body).toEqual({ ...slow.body, counted: false });

  const drift = await driftOf(deployment);
  expect(drift).toMatchObject({ recalibrationNeeded: true, tolerance: 0.05 });
  expect(drift.points).toEqual([
    expect.objectContaining({ operatingPoint: 'fast', recalibrationNeeded: false, blocks: 0 }),
    PointDrift.parse(slow.body),
  ]);
  // The next deployment of the device begins anew.
  const next = await deploy(api.store.actor, { deviceId: deployment.deviceId });
  expect(await driftOf(next)).toMatchObject({ recalibrationNeeded: false });
});

test('posts at the same time are all counted', async () => {
  const deployment = await deploy();
  const posts = Array.from({ length: 12 }, () => post(deployment, { latenciesMs: noisy(7, 10) }));
  for (const answer of await Promise.all(posts)) expect(answer.status).toBe(200);
  expect((await driftOf(deployment)).points[1]).toMatchObject({ blocks: 8, pending: 4 });
});

test('a repeated post counts once, by its Idempotency-Key or by its sequence', async () => {
  const deployment = await deploy();
  const key = { 'idempotency-key': randomUUID() };
  const body = { latenciesMs: noisy(10, 10), sequence: 1 };
  const first = await post(deployment, body, key);
  const again = await post(deployment, body, key);
  expect([again.status, again.body]).toEqual([200, first.body]);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect((await post(deployment, body)).body).toEqual({ ...first.body, counted: false });
  expectProblem(await post(deployment, { latenciesMs: [10] }, key), 422, 'idempotency_key_reused');
  expect((await driftOf(deployment)).points[1]).toMatchObject({ blocks: 1, pending: 0 });
});

test('what is no latency, point or time is refused by name, and nothing of it is kept', async () => {
  const deployment = await deploy();
  const refused = async (body: object) =>
    expectProblem(await post(deployment, body), 400, 'invalid_request').errors;
  expect(await refused({ operatingPoint: 'turbo', latenciesMs: [10] })).toEqual([
    { field: 'operatingPoint', value: 'turbo', expected: 'one of "fast", "slow"' },
  ]);
  expect(await refused({ latenciesMs: [10, -1] })).toMatchObject([{ field: 'latenciesMs[1]', value: -1 }]);
  expect(await refused({ latenciesMs: [] })).toMatchObject([{ field: 'latenciesMs', value: [] }]);
  expect(await refused({ latenciesMs: noisy(10_001, 10) })).toMatchObject([{ field: 'latenciesMs' }]);
  expect(await refused({ latenciesMs: [10], sequence: 0.5 })).toMatchObject([{ field: 'sequence' }]);
  expect(await refused({ latenciesMs: [10], measuredAt: '2001-01-01T00:00:00Z' })).toMatchObject([
    { field: 'measuredAt', value: '2001-01-01T00:00:00Z' },
  ]);
  for (const point of (await driftOf(deployment)).points) {
    expect(point).toMatchObject({ blocks: 0, pending: 0, evidence: { slower: 1, faster: 1 } });
  }
});

test('deployments of another team are not there', async () => {
  const { id } = await deploy(api.store.stranger);
  expectProblem(await api.get(`/v1/deployments/${id}`), 404, 'not_found');
  expectProblem(await api.get(`/v1/deployments/${id}/drift`), 404, 'not_found');
  expectProblem(await post({ id }, { latenciesMs: [10] }), 404, 'not_found');
  expectProblem(await api.get('/v1/deployments/first/drift'), 404, 'not_found');
});
