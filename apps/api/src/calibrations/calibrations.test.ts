import type { Calibration, CalibrationPreview, LatencyTableHeader } from '#contracts';
import { publishDeployment, storedRegistry } from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

const POINTS = [
  { name: 'slow', cpuHz: 1e9 },
  { name: 'middle', cpuHz: 1.5e9 },
  { name: 'fast', cpuHz: 2e9 },
  { name: 'graphics', gpuHz: 5e8 },
];
const msAt = (cpuHz: number, ratio: number) => 1 + (9 * (1 - ratio) * 2e9) / cpuHz;
/** Of the slow and the fast point, seven samples of each cell. */
const CSV = [
  'operating_point,ratio,latency_ms',
  ...[POINTS[0]!, POINTS[2]!].flatMap(({ name, cpuHz }) =>
    [0, 0.25, 0.5, 0.75].flatMap((ratio) =>
      [1, 0.99, 1.01, 1, 1.005, 0.995, 1].map((factor) => `${name},${ratio},${msAt(cpuHz!, ratio) * factor}`),
    ),
  ),
].join('\n');

let api: TestApi;
let latencyTableId: string;
beforeAll(async () => {
  api = await startTestApi();
  const device = await api.post('/v1/devices', { name: 'phone', operatingPoints: POINTS });
  const form = new FormData();
  form.append('options', JSON.stringify({ format: 'csv' }));
  form.append('file', new Blob([CSV]), 'cells.csv');
  const url = `${api.url}/v1/devices/${device.body.id}/latency-tables`;
  const response = await api.fetch(url, { method: 'POST', body: form });
  latencyTableId = ((await response.json()) as LatencyTableHeader).id;
});
afterAll(() => api.close());

const latency = (latencyMs: number) => ({ kind: 'latency', latencyMs });
const ask = (body: object) => api.post<Calibration>('/v1/calibrations', { latencyTableId, ...body });
const preview = async (body: object) => (await ask(body)).body as CalibrationPreview;
/** Stores a calibration, and reads it back to see that it is all there. */
async function saved(body: object): Promise<Calibration> {
  const created = await ask({ ...body, save: true });
  expect(created.status).toBe(201);
  const { body: read } = await api.get<Calibration>(created.headers.get('location')!);
  expect(read).toEqual(created.body);
  return read;
}

test('is a preview that stores nothing unless it is asked to be stored', async () => {
  const { status, headers, body } = await ask({});
  expect([status, headers.get('location'), body.id]).toEqual([200, null, undefined]);
  expect(await saved({})).toMatchObject(body);
  const explicit = await ask({ save: false });
  expect([explicit.status, explicit.body]).toEqual([200, body]);
});

test('predicts points that the table lacks from their clocks, and lists those that it cannot', async () => {
  const { choices, unmeasuredPoints } = await saved({});
  expect(choices.map(({ operatingPoint }) => operatingPoint)).toEqual(['slow', 'fast', 'middle']);
  expect(unmeasuredPoints).toEqual(['graphics']);
  const { predictedMs, ratio } = choices[2]!;
  expect(Math.abs(predictedMs / msAt(1.5e9, ratio) - 1)).toBeLessThan(0.1);
});

test('keeps a deadline with the whole interval, and is read back as such', async () => {
  const { mode, choices } = await saved({ mode: 'deadline', target: latency(12) });
  expect(mode).toBe('deadline');
  for (const { predictedHighMs, feasible } of choices) {
    expect(predictedHighMs).toBeLessThanOrEqual(12);
    expect(feasible).toBe(true);
  }
  const late = await preview({ mode: 'deadline', target: latency(2) });
  const shortest = Math.max(...late.choices.map(({ predictedHighMs }) => predictedHighMs));
  expect(late.nearestFeasibleTargetMs).toBe(shortest);
});

test('finds a target by itself and keeps its limit of the ratio', async () => {
  const { choices, target, targetMs } = await saved({ target: { kind: 'auto', maxRatio: 0.4 } });
  expect(target).toEqual({ kind: 'auto', maxRatio: 0.4 });
  for (const { ratio } of choices) expect(ratio).toBeLessThanOrEqual(0.4);
  expect(choices[0]!.ratio).toBeGreaterThan(0.3);
  expect(targetMs).toBeLessThan(msAt(1e9, 0.4) * 1.05);
  const narrower = await preview({ target: { kind: 'auto', maxRatio: 0.4 }, maxRatio: 0.2 });
  for (const { ratio } of narrower.choices) expect(ratio).toBeLessThanOrEqual(0.2);
});

test('says why a point misses a target, and the nearest that all can hold', async () => {
  const missed = await saved({ target: latency(4), maxRatio: 0.7 });
  expect(missed.maxRatio).toBe(0.7);
  expect(missed.choices[0]).toMatchObject({
    ...{ operatingPoint: 'slow', ratio: 0.7, feasible: false },
    miss: { bound: 'compute', nearestRatio: 0.7, message: expect.stringContaining('measured or allowed') },
  });
  const nearest = missed.nearestFeasibleTargetMs!;
  const held = await preview({ target: latency(nearest * 1.001), maxRatio: 0.7 });
  expect(held.choices.map(({ feasible }) => feasible)).toEqual([true, true, true]);
  expect(held).not.toHaveProperty('nearestFeasibleTargetMs');
});

test('merges ratios to as many as may be trained', async () => {
  const { merged, maxTrainedRatios, ratios } = await saved({ maxTrainedRatios: 2 });
  expect(maxTrainedRatios).toBe(2);
  expect(merged!.ratios).toEqual([0, expect.any(Number)]);
  expect(ratios).toEqual(merged!.ratios);
  expect(merged!.choices.map(({ operatingPoint }) => operatingPoint)).toEqual(['slow', 'fast', 'middle']);
  for (const { ratio } of merged!.choices) expect(merged!.ratios).toContain(ratio);
});

test('says what accuracy to expect, by accuracies that it is given or those of a version', async () => {
  const accuracies = [
    { ratio: 0, accuracy: 0.9 },
    { ratio: 0.8, accuracy: 0.82 },
  ];
  const given = await saved({ accuracies });
  expect(given.accuracies).toEqual(accuracies);
  for (const { ratio, accuracy } of given.choices) expect(accuracy).toBeCloseTo(0.9 - 0.1 * ratio, 9);

  const { store } = api;
  const { model, version } = await publishDeployment(storedRegistry(store.storage), store.actor);
  const { body: stored } = await api.get(`/v1/models/${model}/versions/${version}`);
  const known = await saved({ version: { model, version } });
  expect(known.version).toEqual({ model, version });
  expect(known.accuracies).toEqual(
    stored.ratios.map(({ ratio, accuracy }: { ratio: number; accuracy: number }) => ({ ratio, accuracy })),
  );
  expect(known.choices.find(({ ratio }) => ratio === 0)!.accuracy).toBe(stored.ratios[0].accuracy);
  expect((await preview({})).choices[0]).not.toHaveProperty('accuracy');
});

test.each([
  ['a version that there is not', { version: { model: 'none', version: 1 } }, 'version'],
  [
    'accuracies beside a version',
    { accuracies: [{ ratio: 0, accuracy: 1 }], version: { model: 'none', version: 1 } },
    'accuracies',
  ],
  ['accuracies of no ratio', { accuracies: [] }, 'accuracies'],
  ['an accuracy in per cent', { accuracies: [{ ratio: 0, accuracy: 98 }] }, 'accuracies[0].accuracy'],
])('refuses %s', async (_, body, field) => {
  const problem = expectProblem(await ask(body), 400, 'invalid_request');
  expect(problem.errors?.map((error) => error.field)).toEqual([field]);
});
