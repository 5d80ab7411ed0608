import type { Job, MeasuringTask } from '#contracts';
import { aJobRequest } from '#testkit';
import { registerBits } from '../testing/bits-dataset.js';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

const CONV = { kind: 'conv', kernel: 3, padding: 1, outChannels: 8 };
const description = (classifier: object = {}) => ({
  name: 'mine',
  layers: [
    { ...CONV, name: 'a', input: 'input' },
    { ...CONV, name: 'b', input: 'a' },
    { kind: 'concat', name: 'ab', inputs: ['a', 'b'] },
    { kind: 'global-average-pool', name: 'pool', input: 'ab' },
    { kind: 'dense', name: 'classifier', input: 'pool', ...classifier },
  ],
});
const NETWORKS = [
  { family: 'resnet', depth: 18, widthMultiplier: 0.0625 },
  { family: 'resnet', depth: 50, widthMultiplier: 0.0625 },
  { family: 'vgg', widthMultiplier: 0.0625 },
  { family: 'mobilenetv1', widthMultiplier: 0.125 },
  { family: 'mobilenetv2', widthMultiplier: 0.125, form: 'imagenet' },
  { family: 'custom', description: description() },
];

let api: TestApi;
let datasetId: string;
let deviceId: string;
beforeAll(async () => {
  api = await startTestApi();
  datasetId = await registerBits(api);
  const operatingPoints = [{ name: 'fast', cpuHz: 2e9 }];
  deviceId = (await api.post('/v1/devices', { name: 'phone', operatingPoints })).body.id;
});
afterAll(() => api.close());

const job = (network: object) => {
  const training = { batchSize: 16, channelMultiple: 1, minChannels: 1 };
  return { ...aJobRequest({ datasetId, ratios: [0, 0.4], training }), network };
};
const task = (network: object) => ({
  ...{ deviceId, network, input: { channels: 1, height: 8, width: 8 }, classes: 2 },
  ...{ ratios: [0, 0.4], channelMultiple: 1, protocol: { batch: 4, samples: 3 } },
});

test.each(NETWORKS)('takes a job and a measuring task of $family', async (network) => {
  const { status, body } = await api.post<Job>('/v1/jobs', job(network));
  expect([status, body.spec.network]).toEqual([202, expect.objectContaining({ family: network.family })]);
  expect((await api.get(`/v1/jobs/${body.id}`)).body).toEqual(body);
  const measured = await api.post<MeasuringTask>('/v1/measuring-tasks', task(network));
  expect(measured.status).toBe(201);
  const [dense, pruned] = measured.body.subnets;
  expect(pruned!.macs).toBeLessThanOrEqual(0.6 * dense!.macs);
});

test('refuses a described network that does not fit, by the place of its layer', async () => {
  const network = { family: 'custom', description: description({ outFeatures: 3 }) };
  for (const [path, body] of [
    ['/v1/jobs', job(network)],
    ['/v1/measuring-tasks', task(network)],
  ] as const) {
    const problem = expectProblem(await api.post(path, body), 400, 'network_invalid');
    expect(problem.detail).toMatch(
      /last layer must be dense with \d+ features, found dense "classifier" with 3/,
    );
    expect(problem.errors).toEqual([
      { field: 'network.description', value: 'mine', expected: expect.stringContaining('images of 1x') },
    ]);
  }
  const misread = description();
  misread.layers[1] = { ...CONV, name: 'b', input: 'c' };
  const answer = await api.post('/v1/jobs', job({ family: 'custom', description: misread }));
  expect(expectProblem(answer, 400, 'network_invalid').errors?.[0]).toMatchObject({
    ...{ field: 'network.description.layers[1]', value: 'b' },
  });
});

test('names a misspelt field of a described layer', async () => {
  const misspelt = description();
  misspelt.layers[0] = { ...CONV, name: 'a', input: 'input', ...{ strides: 2 } };
  const answer = await api.post('/v1/jobs', job({ family: 'custom', description: misspelt }));
  expect(expectProblem(answer, 400, 'invalid_request').errors).toEqual([
    { field: 'network.description.layers[0].strides', value: 2, expected: 'no field of this name' },
  ]);
});

test('the API description has every family', async () => {
  const { CreateJob, CreateMeasuringTask, ModelVersion } = (await api.get('/openapi.json')).body.components
    .schemas;
  for (const { properties } of [CreateJob, CreateMeasuringTask, ModelVersion]) {
    const families = properties.network.oneOf.map((spec: any) => spec.properties.family.const);
    expect(families).toEqual(['resnet', 'vgg', 'mobilenetv1', 'mobilenetv2', 'custom']);
  }
});
