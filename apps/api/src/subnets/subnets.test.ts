import { randomUUID } from 'node:crypto';
import ort from 'onnxruntime-node';
import type { Job, ModelAddendum, VersionSubnets } from '#contracts';
import { createExecutor } from '#engine';
import { inferenceGraph, subnetOf, type Family } from '#pruning';
import {
  aDataset,
  deployVersion,
  publishAddendumTo,
  publishBundle,
  publishDeployment,
  storedRegistry,
  type PublishedBundle,
} from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let published: PublishedBundle;
let addendum: ModelAddendum;
/** With the ratio of the addendum. */
let family: Family;
let url: string;
beforeAll(async () => {
  api = await startTestApi();
  const { storage, actor } = api.store;
  published = await publishBundle(storage, actor);
  ({ addendum, family } = await publishAddendumTo(storage, published, 0.25));
  url = `/v1/models/${published.version.model}/versions/1`;
});
afterAll(() => api.close());

const IMAGES = 3;
const images = Float32Array.from({ length: IMAGES * 28 * 28 }, (_, i) => Math.sin(0.37 * i));

/** What the engine that trains gives for the images. */
async function trainedLogits(ratio: number): Promise<Float32Array> {
  const executor = await createExecutor('onnxruntime', { threads: 1 });
  const program = await executor.compile(inferenceGraph(subnetOf(family, ratio), { batch: IMAGES }));
  const { logits } = await program.run({ input: { shape: [IMAGES, 1, 28, 28], data: images } });
  await program.dispose();
  return logits!.data;
}

async function downloaded(path: string): Promise<{ response: Response; bytes: Uint8Array }> {
  const response = await api.fetch(url + path);
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
}

async function logitsOf(onnx: Uint8Array): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(onnx);
  const input = new ort.Tensor('float32', images, [IMAGES, 1, 28, 28]);
  const { logits } = await session.run({ input });
  return logits!.data as Float32Array;
}

describe('subnets', () => {
  test('are listed with their origin, those of addenda too', async () => {
    const { body } = await api.get<VersionSubnets>(`${url}/subnets`);
    expect(body).toMatchObject({ model: published.version.model, version: 1, classes: 10, onnxOpset: 17 });
    expect(body.subnets.map(({ ratio, derived, addendum: from }) => [ratio, derived, from])).toEqual([
      [0, false, undefined],
      [0.25, true, addendum.digest],
      [0.5, false, undefined],
    ]);
    const [dense, some] = body.subnets;
    expect(some!.macs).toBeLessThan(dense!.macs);
    expect(some!.url).toBe(`${url}/subnets/0.25`);
  });

  test.each([
    [0, ''],
    [0.25, '?batch=3'],
    [0.5, '?batch=dynamic&batchNorm=kept'],
  ])('as ONNX give what the training engine gives: ratio %d %s', async (ratio, query) => {
    const { response, bytes } = await downloaded(`/subnets/${ratio}${query}`);
    expect(response.status).toBe(200);
    const [actual, expected] = [await logitsOf(bytes), await trainedLogits(ratio)];
    const largest = Math.max(...expected.map(Math.abs));
    for (const [i, value] of expected.entries())
      expect(Math.abs(actual[i]! - value) / largest).toBeLessThan(1e-4);
  });

  test('have a validator by content, and are resumed by range', async () => {
    const { response, bytes } = await downloaded('/subnets/0.5');
    const etag = response.headers.get('etag')!;
    expect(response.headers.get('content-digest')).toMatch(/^sha-256=:/);
    expect(response.headers.get('content-disposition')).toContain('-1-0.5.onnx"');
    const again = await api.fetch(`${url}/subnets/0.5`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    const part = await api.fetch(`${url}/subnets/0.5`, {
      headers: { range: 'bytes=100-', 'if-range': etag },
    });
    expect(part.status).toBe(206);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.subarray(100));
    expect((await downloaded('/subnets/0.50')).response.headers.get('etag')).toBe(etag);
  });

  test('are had for TensorFlow.js as a tar of model.json and its weights', async () => {
    const { response, bytes } = await downloaded('/subnets/0.5?format=tfjs');
    expect(response.headers.get('content-disposition')).toContain('-1-0.5.tfjs.tar"');
    const size = Number.parseInt(Buffer.from(bytes.subarray(124, 135)).toString(), 8);
    const model = JSON.parse(Buffer.from(bytes.subarray(512, 512 + size)).toString()) as object;
    expect(model).toMatchObject({
      format: 'graph-model',
      userDefinedMetadata: { ratio: '0.5', version: '1' },
    });
  });

  test.each(['0.7', '-1', 'half', '0.5e0', ''])(
    'of a ratio that the version lacks are not there: "%s"',
    async (ratio) => {
      const answer = await api.get(`${url}/subnets/${ratio === '' ? '%20' : ratio}`);
      const { detail } = expectProblem(answer, 404, 'not_found');
      expect(detail).toContain('expected one of 0, 0.25, 0.5');
      expect(detail).toContain(`${url}/addenda adds ratios`);
    },
  );

  test.each([
    ['format=tflite', 'format'],
    ['batch=0', 'batch'],
    ['batchNorm=gone', 'batchNorm'],
    ['quantised=true', 'quantised'],
  ])('refuse %s by name', async (query, field) => {
    const { errors } = expectProblem(await api.get(`${url}/subnets/0?${query}`), 400, 'invalid_request');
    expect(errors![0]!.field).toContain(field);
  });
});

describe('the subnet for an operating point', () => {
  test('is the one that the newest deployment of the version runs there', async () => {
    const deployment = await publishDeployment(storedRegistry(api.store.storage), api.store.actor);
    const { model, version, deviceId } = deployment;
    const list = (query: string) => api.get(`/v1/models/${model}/versions/${version}/subnets?${query}`);
    const { body } = await list(`operatingPoint=slow&deviceId=${deviceId}`);
    expect(body.subnets).toMatchObject([{ ratio: 0.5 }]);
    expect(body.chosenBy).toMatchObject({ deploymentId: deployment.id, deviceId, operatingPoint: 'slow' });
    const unknown = expectProblem(
      await list(`operatingPoint=turbo&deviceId=${deviceId}`),
      400,
      'invalid_request',
    );
    expect(unknown.errors).toEqual([{ field: 'operatingPoint', value: 'turbo', expected: 'one of "slow"' }]);
    const nowhere = await list(`operatingPoint=slow&deviceId=${randomUUID()}`);
    expect(expectProblem(nowhere, 404, 'not_found').detail).toContain('has no deployment on device');
    const half = expectProblem(await list('operatingPoint=slow'), 400, 'invalid_request');
    expect(half.errors).toMatchObject([{ field: 'deviceId' }]);

    const key = await api.keyOf(api.store.actor, 'device', deviceId);
    const as = { authorization: `Bearer ${key}` };
    expect((await api.get(`/v1/models/${model}/versions/${version}/subnets`, as)).status).toBe(200);
    expectProblem(await api.get(`${url}/subnets`, as), 404, 'not_found');
  });

  describe('as a file, by one request', () => {
    let deviceId: string;
    beforeAll(async () => {
      const points = { fast: 0, slow: 0.5 };
      ({ deviceId } = await deployVersion(api.store.storage, published.version, points));
    });
    const ask = (query: string, init?: RequestInit) => api.fetch(`${url}/subnets?${query}`, init);
    const at = (point: string) => `operatingPoint=${point}&deviceId=${deviceId}`;

    test.each([
      ['format=onnx', '0.5?format=onnx'],
      ['format=tfjs&batchNorm=kept', '0.5?format=tfjs&batchNorm=kept'],
      ['batch=4&format=onnx', '0.5?format=onnx&batch=4'],
    ])('%s leads to the download of the subnet that runs there', async (query, target) => {
      const response = await ask(`${at('slow')}&${query}`, { redirect: 'manual' });
      expect([response.status, await response.text()]).toEqual([307, '']);
      expect(response.headers.get('location')).toBe(`${url}/subnets/${target}`);
    });

    test('whoever follows has the bytes of the download', async () => {
      const response = await ask(`${at('fast')}&format=onnx&batch=1`);
      expect([response.status, response.redirected]).toEqual([200, true]);
      expect(response.headers.get('content-disposition')).toContain('-1-0.onnx');
      const { bytes } = await downloaded('/subnets/0?batch=1');
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    });

    test('the key of the device may', async () => {
      const key = await api.keyOf(api.store.actor, 'device', deviceId);
      const as = { authorization: `Bearer ${key}` };
      expect((await ask(`${at('slow')}&format=onnx`, { headers: as })).status).toBe(200);
    });

    test('an operating point that the deployment lacks is refused with those that there are', async () => {
      const answer = await api.get(`${url}/subnets?${at('turbo')}&format=onnx`);
      expect(expectProblem(answer, 400, 'invalid_request').errors).toEqual([
        { field: 'operatingPoint', value: 'turbo', expected: 'one of "fast", "slow"' },
      ]);
    });

    test.each([
      ['format=onnx', 'operatingPoint'],
      ['format=onnx&operatingPoint=slow', 'deviceId'],
      ['batch=4&POINT', 'format'],
      ['format=tflite&POINT', 'format'],
      ['format=onnx&batch=0&POINT', 'batch'],
    ])('%s is refused by name', async (query, field) => {
      const answer = await api.get(`${url}/subnets?${query.replace('POINT', at('slow'))}`);
      expect(expectProblem(answer, 400, 'invalid_request').errors).toMatchObject([{ field }]);
    });
  });
});

describe('addenda', () => {
  test('are listed and downloaded', async () => {
    expect((await api.get(`${url}/addenda`)).body).toEqual({ items: [addendum] });
    const { response, bytes } = await downloaded(`/addenda/${addendum.digest}`);
    expect([response.status, bytes.length]).toEqual([200, addendum.bytes]);
    expect(response.headers.get('etag')).toBe(`"${addendum.digest}"`);
    expectProblem(await api.get(`${url}/addenda/${'0'.repeat(64)}`), 404, 'not_found');
    expectProblem(await api.get(`${url.replace(/1$/, '2')}/addenda`), 404, 'not_found');
  });

  test('are asked for by ratios: a job derives them, once per Idempotency-Key', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const answer = await api.post<Job>(`${url}/addenda`, { ratios: [0.1, 0.3] }, key);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${answer.body.id}`);
    expect(answer.body).toMatchObject({
      ...{ stage: 'derive', state: 'queued', ratios: [0.1, 0.3], model: published.version.model },
      derivation: { model: published.version.model, version: 1, ratios: [0.1, 0.3] },
    });
    expect((await api.post<Job>(`${url}/addenda`, { ratios: [0.1, 0.3] }, key)).body).toEqual(answer.body);
    expect((await api.get<Job>(`/v1/jobs/${answer.body.id}`)).body).toEqual(answer.body);
  });

  test('that cannot be are refused by name', async () => {
    const refused = async (body: object, status = 400, code = 'invalid_request') =>
      expectProblem(await api.post(`${url}/addenda`, body), status, code).errors;
    expect(await refused({ ratios: [0.3, 0.5] }, 409, 'already_exists')).toMatchObject([
      { field: 'ratios[1]', value: 0.5, expected: 'none that the version has: 0, 0.25, 0.5' },
    ]);
    expect(await refused({ ratios: [0.6] })).toMatchObject([{ field: 'ratios[0]', value: 0.6 }]);
    expect(await refused({ ratios: [0.3, 0.2] })).toMatchObject([{ field: 'ratios' }]);
    expect(await refused({ ratios: [0.3], datasetId: randomUUID() })).toMatchObject([{ field: 'datasetId' }]);
    const other = aDataset(api.store.actor, { classes: 3 });
    await api.store.storage.datasets.create(other);
    const errors = await refused({ ratios: [0.3], datasetId: other.id }, 400, 'dataset_does_not_fit');
    expect(errors![0]!.expected).toContain('1x28x28 images of 10 classes');
  });
});
