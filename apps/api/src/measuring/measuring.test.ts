import { randomUUID } from 'node:crypto';
import type { Calibration, LatencyTable, LeasedTask, MeasuringTask } from '#contracts';
import { aProvenance } from '#testkit';
import { expectProblem, startTestApi, type Answer, type TestApi } from '../testing/test-api.js';

const AGENT = { name: 'test agent', version: '0.1.0' };
const POINTS = [
  { name: 'fast', cpuHz: 2e9 },
  { name: 'slow', cpuHz: 1e9 },
];

let api: TestApi;
let deviceId: string;
beforeAll(async () => {
  api = await startTestApi();
  const device = await api.post('/v1/devices', { name: 'phone', operatingPoints: POINTS });
  deviceId = device.body.id;
});
afterAll(() => api.close());

const request = (ratios = [0, 0.5], selection?: object) =>
  api.post<MeasuringTask>('/v1/measuring-tasks', {
    deviceId,
    network: { family: 'resnet', depth: 8, widthMultiplier: 0.25 },
    input: { channels: 1, height: 8, width: 8 },
    classes: 2,
    ratios,
    selection,
    channelMultiple: 1,
    protocol: { batch: 4, samples: 3 },
  });
const lease = (waitSeconds = 0): Promise<Answer<LeasedTask>> =>
  api.post('/v1/measuring-tasks/lease', { deviceId, agent: AGENT, waitSeconds });
const upload = (task: LeasedTask, index: number, ms: number, leaseToken = task.leaseToken) =>
  api.put(`/v1/measuring-tasks/${task.id}/cells/${index}`, {
    leaseToken,
    samplesMs: [ms - 0.1, ms, ms + 0.1],
    provenance: aProvenance({ batch: 4, networkDigest: task.subnets[0]!.onnx.digest }),
  });
const verb = (task: { id: string }, name: string, body: unknown) =>
  api.post(`/v1/measuring-tasks/${task.id}/${name}`, body);

test('a task is leased, measured cell by cell, completed to a table and calibrated', async () => {
  const { status, body: task, headers } = await request();
  expect([status, headers.get('location')]).toEqual([201, `/v1/measuring-tasks/${task.id}`]);
  expect(task).toMatchObject({ state: 'queued', purpose: 'profile', cellsDone: 0 });
  expect(task.subnets.map((subnet) => subnet.ratio)).toEqual([0, 0.5]);

  for (const { onnx } of task.subnets) {
    const file = await api.fetch(api.url + onnx.url);
    expect((await file.arrayBuffer()).byteLength).toBe(onnx.bytes);
  }

  const leased = (await lease()).body;
  expect(leased).toMatchObject({ id: task.id, state: 'leased', doneCells: [] });
  const { leaseToken } = leased;
  const extension = await verb(task, 'heartbeat', { leaseToken });
  expect(Date.parse(extension.body.leaseExpiresAt)).toBeGreaterThan(Date.now());

  const expected = (cell: LeasedTask['cells'][number]) =>
    (cell.operatingPoint === 'slow' ? 20 : 10) * (1 - cell.ratio);
  for (const cell of leased.cells.slice(1)) {
    expect((await upload(leased, cell.index, expected(cell))).status).toBe(204);
  }
  const early = expectProblem(await verb(task, 'complete', { leaseToken }), 400, 'invalid_request');
  expect(early.detail).toContain('lacks 1 of its 4 cells');
  await upload(leased, 0, expected(leased.cells[0]!));

  const completed = (await verb(task, 'complete', { leaseToken })).body as MeasuringTask;
  expect(completed).toMatchObject({ state: 'completed', cellsDone: 4 });
  const table = await api.get<LatencyTable>(`/v1/latency-tables/${completed.latencyTableId}`);
  expect(table.body.cells).toHaveLength(4);
  expect(table.headers.get('cache-control')).toContain('immutable');
  const listed = await api.get(`/v1/devices/${deviceId}/latency-tables`);
  const { cells, ...header } = table.body;
  expect(listed.body.items).toEqual([header]);
  expect(header).toMatchObject({ version: 1, cellCount: 4, sampleCount: 12, marks: [], markCount: 0 });
  expect(cells[3]).not.toHaveProperty('samplesMs');
  const cell = await api.get(`/v1/latency-tables/${header.id}/cells/3`);
  expect(cell.body).toEqual({ ...cells[3], samplesMs: [9.9, 10, 10.1] });

  const target = { kind: 'latency', latencyMs: 10 };
  const preview = await api.post('/v1/calibrations', { latencyTableId: table.body.id, target });
  expect([preview.status, preview.headers.get('location'), preview.body.id]).toEqual([200, null, undefined]);
  const wanted = { latencyTableId: table.body.id, target, save: true };
  const saved = await api.post<Calibration>('/v1/calibrations', wanted);
  expect(saved.status).toBe(201);
  expect(saved.body).toMatchObject(preview.body);
  expect(saved.body.choices.map((choice) => [choice.operatingPoint, choice.ratio])).toEqual([
    ['fast', 0],
    ['slow', 0.5],
  ]);
  expect((await api.get(saved.headers.get('location')!)).body).toEqual(saved.body);
});

describe('a lease', () => {
  test('ends without content when no task comes', async () => {
    expect((await lease()).status).toBe(204);
  });

  test('is had as soon as a task comes', async () => {
    const waiting = lease(20);
    const { body: task } = await request([0]);
    const leased = await waiting;
    expect(leased.body.id).toBe(task.id);
    const { leaseToken } = leased.body;
    const error = { code: 'too_hot', message: '95 °C' };
    const failed = await verb(task, 'fail', { leaseToken, error });
    expect(failed.body).toMatchObject({ state: 'failed', error });
  });

  test('that is lost, or another one, answers 409 to every write', async () => {
    await request([0]);
    const leased = (await lease()).body;
    const leaseToken = 'stale';
    const error = { code: 'c', message: 'm' };
    expectProblem(await upload(leased, 0, 10, leaseToken), 409, 'lease_lost');
    for (const [name, body] of Object.entries({ heartbeat: {}, complete: {}, fail: { error } })) {
      const problem = expectProblem(await verb(leased, name, { leaseToken, ...body }), 409, 'lease_lost');
      expect(problem.fault).toBe('device');
    }
    expect((await api.get(`/v1/measuring-tasks/${leased.id}`)).body.cellsDone).toBe(0);
    await verb(leased, 'fail', { leaseToken: leased.leaseToken, error });
  });

  test('a cell that the task has not is refused', async () => {
    await request([0]);
    const leased = (await lease()).body;
    const problem = expectProblem(await upload(leased, 7, 10), 400, 'invalid_request');
    expect(problem.errors?.[0]).toMatchObject({ field: 'index', value: 7 });
    expectProblem(await upload(leased, -1, 10), 404, 'not_found');
    await verb(leased, 'fail', { leaseToken: leased.leaseToken, error: { code: 'c', message: 'm' } });
  });
});

describe('an adaptive selection', () => {
  test('reaches the agent with its target, tolerance and mode', async () => {
    const selection = { kind: 'adaptive', target: { kind: 'latency', latencyMs: 9 }, mode: 'deadline' };
    const { body: task } = await request([0], selection);
    expect(task.selection).toEqual({ ...selection, tolerance: 0.05 });
    const { selection: leased, leaseToken } = (await lease()).body;
    expect(leased).toEqual(task.selection);
    await verb(task, 'fail', { leaseToken, error: { code: 'c', message: 'm' } });
  });

  test('without the dense network is refused by its field', async () => {
    const target = { kind: 'fastest-at-ratio', ratio: 0.6 };
    const problem = expectProblem(
      await request([0.25, 0.5], { kind: 'adaptive', target }),
      400,
      'invalid_request',
    );
    expect(problem.errors?.map(({ field, value }) => [field, value])).toEqual([
      ['ratios', [0.25, 0.5]],
      ['selection.target.ratio', 0.6],
    ]);
  });
});

test('a user cancels a task: its agent may write no more, and saying it again changes nothing', async () => {
  const { body: task } = await request();
  const leased = (await lease()).body;
  expect(leased.id).toBe(task.id);
  const cancelled = await verb(task, 'cancel', {});
  expect([cancelled.status, cancelled.body.state]).toEqual([200, 'cancelled']);
  const { leaseToken } = leased;
  expectProblem(await verb(task, 'heartbeat', { leaseToken }), 409, 'lease_lost');
  expectProblem(await upload(leased, 0, 10), 409, 'lease_lost');
  expect((await verb(task, 'cancel', {})).body).toEqual(cancelled.body);
  expect((await api.get('/v1/measuring-tasks?state=cancelled')).body.items).toEqual([cancelled.body]);
  expect((await lease()).status).toBe(204);
  expectProblem(await verb({ id: randomUUID() }, 'cancel', {}), 404, 'not_found');
});

test('the table of a task tells of every cell how it was measured', async () => {
  await request([0]);
  const leased = (await lease()).body;
  const { leaseToken, subnets } = leased;
  const provenance = aProvenance({
    ...{ batch: 4, networkDigest: subnets[0]!.onnx.digest, clockController: 'cpufreq', emulated: false },
    ...{ clockReadBackHz: 1.9e9, gpuReadBackHz: 5e8, memReadBackHz: 1.6e9, governor: 'userspace' },
    ...{ temperatureBeforeC: 41.5, temperatureAfterC: 63.25, throttled: true, drift: 0.07, attempts: 2 },
    sampling: { endedBy: 'interval', relativeInterval: 0.01, warmupSamples: 3, steady: true },
  });
  for (const { index } of leased.cells) {
    const cell = { leaseToken, samplesMs: [9, 10, 11], provenance };
    expect((await api.put(`/v1/measuring-tasks/${leased.id}/cells/${index}`, cell)).status).toBe(204);
  }
  const { latencyTableId } = (await verb(leased, 'complete', { leaseToken })).body;
  const { cells, marks } = (await api.get<LatencyTable>(`/v1/latency-tables/${latencyTableId}`)).body;
  expect(cells.map((cell) => cell.provenance)).toEqual([provenance, provenance]);
  expect(marks).toEqual([
    ...POINTS.map(({ name }) => ({ kind: 'throttled', operatingPoint: name, ratios: [0] })),
    ...POINTS.map(({ name }) => {
      return { kind: 'drifted', operatingPoint: name, cells: [{ ratio: 0, drift: 0.07 }] };
    }),
  ]);
});

test('a ratio that no widths reach is refused by its place', async () => {
  const { body: before } = await api.get('/v1/measuring-tasks');
  const answer = await api.post('/v1/measuring-tasks', {
    deviceId,
    network: { family: 'resnet', depth: 8, widthMultiplier: 0.125 },
    input: { channels: 1, height: 8, width: 8 },
    classes: 2,
    ratios: [0, 0.95],
  });
  const problem = expectProblem(answer, 400, 'ratio_unreachable');
  expect(problem.errors?.[0]).toMatchObject({ field: 'ratios[1]', value: 0.95 });
  expect((await api.get('/v1/measuring-tasks')).body).toEqual(before);
});

test('an agent that waits is sent away when the service stops', async () => {
  const other = await startTestApi();
  try {
    const device = await other.post('/v1/devices', { name: 'phone', operatingPoints: POINTS });
    const body = { deviceId: device.body.id, agent: AGENT, waitSeconds: 30 };
    const waiting = other.post('/v1/measuring-tasks/lease', body);
    await other.get('/health/live'); // the lease request was sent before this one
    const before = performance.now();
    await other.stop();
    expect((await waiting).status).toBe(204);
    expect(performance.now() - before).toBeLessThan(4_000);
  } finally {
    await other.close();
  }
});
