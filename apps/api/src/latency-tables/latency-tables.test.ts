import { readdir } from 'node:fs/promises';
import type { LatencyTable, LatencyTableHeader } from '#contracts';
import { waitUntil } from '#testkit';
import { expectProblem, startTestApi, type Answer, type TestApi } from '../testing/test-api.js';

const POINTS = [
  { name: 'slow', cpuHz: 1e9, order: 0, voltageMv: 700, powerMw: 900 },
  { name: 'fast', cpuHz: 2e9, order: 1 },
];
const CSV = `operating_point,ratio,latency_ms
slow,0,20
slow,0,21
slow,0.5,11
fast,0,10
fast,0.5,6
`;
const TWICE = ['d', 'e'].map((digit) => ({ ratio: 0, digest: digit.repeat(64) }));

let api: TestApi;
let deviceId: string;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());
beforeEach(async () => {
  const name = `phone-${crypto.randomUUID().slice(0, 8)}`;
  deviceId = (await api.post('/v1/devices', { name, operatingPoints: POINTS })).body.id;
});

type Files = Record<string, string | Uint8Array>;

async function send<T = LatencyTableHeader>(
  options: unknown,
  files: Files = { 'cells.csv': CSV },
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const form = new FormData();
  if (options !== undefined) {
    form.append('options', typeof options === 'string' ? options : JSON.stringify(options));
  }
  for (const [name, content] of Object.entries(files)) form.append('file', new Blob([content]), name);
  const url = `${api.url}/v1/devices/${deviceId}/latency-tables`;
  const response = await api.fetch(url, { method: 'POST', body: form, headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as T };
}

const tables = async () => (await api.get(`/v1/devices/${deviceId}/latency-tables`)).body.items as unknown[];

test('imports a file, says where the table is and gives it back without samples, and a cell with them', async () => {
  const { status, headers, body } = await send({ format: 'csv', batch: 8 });
  expect([status, headers.get('location')]).toEqual([201, `/v1/latency-tables/${body.id}`]);
  expect(body).toMatchObject({ version: 1, cellCount: 4, sampleCount: 5, markCount: 0, emulated: false });
  expect(body).not.toHaveProperty('cells');
  expect(body.source).toMatchObject({
    files: [{ name: 'cells.csv', bytes: CSV.length, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }],
  });
  const table = await api.get<LatencyTable>(headers.get('location')!);
  expect(table.body).toMatchObject(body);
  expect(table.body.cells[0]).toEqual({
    ...{ index: 0, operatingPoint: 'slow', ratio: 0, sampleCount: 2 },
    summary: expect.objectContaining({ n: 2, p50Ms: 20.5 }),
    provenance: {
      kind: 'imported',
      format: 'csv',
      file: 'cells.csv',
      lines: { first: 2, last: 3 },
      batch: 8,
    },
  });
  const cell = await api.get(`${headers.get('location')}/cells/0`);
  expect(cell.body).toEqual({ ...table.body.cells[0], samplesMs: [20, 21] });
  expect(cell.headers.get('cache-control')).toContain('immutable');
  expectProblem(await api.get(`${headers.get('location')}/cells/4`), 404, 'not_found');
  await waitUntil('no uploaded file is left', async () => (await readdir(api.uploadFolder)).length === 0);
});

test('gives back of every cell what the request said of how it was measured', async () => {
  const said = {
    ...{ threads: 2, batch: 8, emulated: false, runner: 'tflite', runnerVersion: '2.17' },
    ...{ governor: 'userspace', throttled: true, measuredAt: '2030-01-01T00:00:00Z' },
  };
  const networkDigests = [{ ratio: 0, digest: 'e'.repeat(64) }];
  const { body } = await send({ format: 'csv', ...said, networkDigests });
  expect(body.marks).toContainEqual({ kind: 'throttled', operatingPoint: 'slow', ratios: [0, 0.5] });
  const { cells } = (await api.get<LatencyTable>(`/v1/latency-tables/${body.id}`)).body;
  const place = { kind: 'imported', format: 'csv', file: 'cells.csv', lines: expect.anything() };
  for (const { ratio, provenance } of cells) {
    const networkDigest = ratio === 0 ? { networkDigest: 'e'.repeat(64) } : {};
    expect(provenance).toEqual({ ...place, ...said, ...networkDigest });
  }
});

test('lists tables without cells, of all devices and of one', async () => {
  const first = (await send({ format: 'csv' })).body;
  const second = (await send({ format: 'csv' })).body;
  expect(second.version).toBe(2);
  expect(await tables()).toEqual([second, first]);
  const { body } = await api.get(`/v1/latency-tables?deviceId=${deviceId}`);
  expect(body.items).toEqual([second, first]);
  expect((await api.get('/v1/latency-tables?limit=1')).body.items).toEqual([second]);
  expectProblem(await api.get('/v1/latency-tables?deviceId=x'), 400, 'invalid_request');
});

test('calibrates an imported table', async () => {
  const { id } = (await send({ format: 'csv' })).body;
  const calibration = await api.post('/v1/calibrations', { latencyTableId: id });
  expect(calibration.body).toMatchObject({ deviceId, ratios: [0, expect.any(Number)] });
  // One sample of a cell is no certainty.
  expect(calibration.body.targetMs).toBeCloseTo(10, 0);
});

test('says why a table without dense cells cannot be calibrated', async () => {
  const { id } = (await send({ format: 'csv' }, { 'cells.csv': CSV.replaceAll(/^\w+,0,.*\n/gm, '') })).body;
  const problem = await api.post('/v1/calibrations', { latencyTableId: id });
  expectProblem(problem, 400, 'latency_table_unusable');
});

test('imports several logs as one table of figures without samples', async () => {
  const log = (us: number) =>
    `count=9 first=1 curr=1 min=1 max=9 avg=${us} std=1\nInference timings in us: Init: 1, First inference: 2, Warmup (avg): 3, Inference (avg): ${us}\n`;
  const logs = [
    { file: 'a.log', operatingPoint: 'slow', ratio: 0 },
    { file: 'b.log', operatingPoint: 'fast', ratio: 0 },
  ];
  const files = { 'a.log': log(20_000), 'b.log': log(30_000) };
  const { body } = await send({ format: 'tflite-benchmark', logs }, files);
  expect(body).toMatchObject({ cellCount: 2, sampleCount: 0, marks: [{ kind: 'slower-at-higher-clock' }] });
  const { cells } = (await api.get<LatencyTable>(`/v1/latency-tables/${body.id}`)).body;
  expect(cells[0]!.summary).toMatchObject({ stated: true, p50Ms: 20, p50Is: 'mean', n: 9 });
});

test('an import is repeated by its Idempotency-Key, and told from another one', async () => {
  const key = { 'idempotency-key': `t-${deviceId}` };
  const first = await send({ format: 'csv' }, undefined, key);
  const again = await send({ format: 'csv' }, undefined, key);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('location')).toBe(first.headers.get('location'));
  expect(await tables()).toHaveLength(1);
  const other = await send({ format: 'csv' }, { 'cells.csv': `${CSV}fast,0,11\n` }, key);
  expectProblem(other, 422, 'idempotency_key_reused');
});

describe('refuses, and stores nothing of,', () => {
  afterEach(async () => {
    expect(await tables()).toEqual([]);
    await waitUntil('no uploaded file is left', async () => (await readdir(api.uploadFolder)).length === 0);
  });

  test('a file with wrong lines, naming lines and columns', async () => {
    const answer = await send({ format: 'csv' }, { 'cells.csv': `${CSV}slow,0,-1\nidle,2,1\n` });
    const problem = expectProblem(answer, 400, 'latency_table_unreadable');
    expect(problem.detail).toContain('cells.csv, line 7, column latency_ms is "-1": expected a time in ms');
    expect(problem.errors?.map(({ field, value }) => [field, value])).toEqual([
      ['cells.csv, line 7, column latency_ms', '-1'],
      ['cells.csv, line 8, column ratio', '2'],
      ['cells.csv, line 8, column operating_point', 'idle'],
    ]);
    expect(JSON.stringify(problem)).not.toContain(api.uploadFolder);
  });

  test.each<[string, unknown, Files, string]>([
    ['no file', { format: 'csv' }, {}, 'file'],
    ['no options', undefined, { 'a.csv': CSV }, 'options'],
    ['options that are no JSON', '{', { 'a.csv': CSV }, 'options'],
    ['an unknown format', { format: 'xlsx' }, { 'a.csv': CSV }, 'options.format'],
    ['an unknown option', { format: 'csv', unit: 's' }, { 'a.csv': CSV }, 'options.unit'],
    [
      'a digest that is none',
      { format: 'csv', networkDigests: [{ ratio: 0, digest: 'abc' }] },
      { 'a.csv': CSV },
      'options.networkDigests[0].digest',
    ],
    [
      'a ratio with two digests',
      { format: 'csv', networkDigests: TWICE },
      { 'a.csv': CSV },
      'options.networkDigests',
    ],
    [
      'a digest of a ratio that is not there',
      { format: 'csv', networkDigests: [{ ratio: 0.3, digest: 'e'.repeat(64) }] },
      { 'a.csv': CSV },
      'options.networkDigests[0].ratio',
    ],
    ['a runner without a name', { format: 'csv', runner: '' }, { 'a.csv': CSV }, 'options.runner'],
    ['a time that is none', { format: 'csv', measuredAt: 'today' }, { 'a.csv': CSV }, 'options.measuredAt'],
    ['a name that cannot be stored', { format: 'csv' }, { 'a\tb.csv': CSV }, 'file'],
    ['two files for one', { format: 'csv' }, { 'a.csv': CSV, 'b.csv': CSV }, 'file'],
  ])('an import with %s', async (_case, options, files, field) => {
    const problem = expectProblem(await send(options, files), 400, 'invalid_request');
    expect(problem.errors?.map((error) => error.field)).toEqual([field]);
  });

  test('a unit that there is not', async () => {
    const columns = {
      operatingPoint: { by: 'name', column: 'operating_point' },
      ratio: { by: 'value', column: 'ratio' },
      latency: { column: 'latency_ms', unit: 'minutes' },
    };
    const problem = expectProblem(await send({ format: 'csv-mapped', columns }), 400, 'invalid_request');
    expect(problem.errors?.[0]).toMatchObject({ field: 'options.columns.latency.unit', value: 'minutes' });
  });

  test('a file that is too large', async () => {
    const answer = await send({ format: 'csv' }, { 'a.csv': 'x'.repeat(65 * 1024) });
    expectProblem(answer, 413, 'payload_too_large');
  });

  test('a body that is no form', async () => {
    const answer = await api.post(`/v1/devices/${deviceId}/latency-tables`, { format: 'csv' });
    expectProblem(answer, 415, 'unsupported_media_type');
  });
});

test('says that there is no such device', async () => {
  const own = deviceId;
  deviceId = crypto.randomUUID();
  expectProblem(await send({ format: 'csv' }), 404, 'not_found');
  deviceId = own;
});
