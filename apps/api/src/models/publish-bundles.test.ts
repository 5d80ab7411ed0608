import { randomBytes } from 'node:crypto';
import type { ModelVersion } from '#contracts';
import { aBundleFile, BUNDLE_NETWORK } from '../testing/a-bundle.js';
import { sha256, uploadFile } from '../testing/upload-file.js';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await api.post('/v1/models', { name: 'digits' });
});
afterAll(() => api.close());

const publish = (body: object, model = 'digits') =>
  api.post<ModelVersion>(`/v1/models/${model}/versions`, body);
const webhookTypes = async () =>
  (await api.store.query('SELECT type FROM "WebhookDelivery"')).map((row) => (row as { type: string }).type);

test('an uploaded bundle is a version, with what the bundle says of itself', async () => {
  await api.post('/v1/webhooks', { url: 'https://example.org/hook' });
  const file = aBundleFile(1, { network: BUNDLE_NETWORK, accuracies: [{ ratio: 0, accuracy: 0.9 }] });
  const digest = await uploadFile(api, file);
  const { status, headers, body } = await publish({ digest, description: 'brought', tags: { from: 'lab' } });
  expect([status, headers.get('location')]).toEqual([201, '/v1/models/digits/versions/1']);
  expect(body).toMatchObject({
    ...{ model: 'digits', version: 1, source: 'upload', description: 'brought', tags: { from: 'lab' } },
    bundle: { digest, bytes: file.length, url: '/v1/models/digits/versions/1/bundle' },
    network: BUNDLE_NETWORK,
    ...{ input: { channels: 1, height: 8, width: 8 }, classes: 2 },
    ratios: [{ ratio: 0, accuracy: 0.9, derived: false, macs: expect.any(Number) }],
    ...{ lineage: {}, deployments: [] },
  });
  expect(body).not.toHaveProperty('training');
  const read = await api.get('/v1/models/digits/versions/1');
  expect([read.body, read.headers.get('etag')]).toEqual([body, headers.get('etag')]);
  const download = await api.fetch('/v1/models/digits/versions/1/bundle');
  expect(Buffer.from(await download.arrayBuffer())).toEqual(Buffer.from(file));
  expect(await webhookTypes()).toContain('model.version.published');
});

test('the same bundle gives the same version again, in this model; another model has its own', async () => {
  const digest = await uploadFile(api, aBundleFile(2));
  const first = await publish({ digest });
  const again = await publish({ digest, description: 'said too late' });
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.body).toEqual(first.body);
  await api.post('/v1/models', { name: 'others' });
  expect(await publish({ digest }, 'others')).toMatchObject({ status: 201, body: { version: 1 } });
});

test('of a network without a name every layer is kept, and of accuracies that nobody said none', async () => {
  const digest = await uploadFile(api, aBundleFile(3, { accuracies: 'high' }));
  const { body } = await publish({ digest });
  expect(body.network).toMatchObject({ family: 'custom', description: { name: 'resnet8' } });
  expect(body.ratios[0]).not.toHaveProperty('accuracy');
});

test('a network that the bundle names and has not is not believed', async () => {
  const digest = await uploadFile(
    api,
    aBundleFile(4, { network: { ...BUNDLE_NETWORK, widthMultiplier: 0.5 } }),
  );
  expect((await publish({ digest })).body.network).toMatchObject({ family: 'custom' });
});

test('a version says which one it was made of', async () => {
  const digest = await uploadFile(api, aBundleFile(5));
  const parentVersion = { model: 'digits', version: 1 };
  const { body } = await publish({ digest, parentVersion });
  const { id: versionId } = (await api.get('/v1/models/digits/versions/1')).body;
  expect(body.lineage).toEqual({ parent: { ...parentVersion, versionId } });
  const other = await uploadFile(api, aBundleFile(6));
  const unknown = await publish({ digest: other, parentVersion: { model: 'digits', version: 99 } });
  expect(expectProblem(unknown, 400, 'invalid_request').errors).toMatchObject([{ field: 'parentVersion' }]);
});

test('what is no bundle is refused, naming the fault', async () => {
  const altered = aBundleFile(7);
  altered[altered.length - 1]! ^= 1;
  const outside = aBundleFile(8, {}, 0.97);
  for (const [file, fault] of [
    [randomBytes(100), 'the header should end'],
    [altered, 'it was altered'],
    [aBundleFile(9).subarray(0, 6000), 'tensor'],
    [outside, 'ratios[0].ratio'],
  ] as const) {
    const digest = await uploadFile(api, file);
    const problem = expectProblem(await publish({ digest }), 400, 'bundle_unreadable');
    expect(problem.detail).toContain(fault);
    expect(problem.errors).toMatchObject([{ field: 'digest', value: digest }]);
  }
});

test('a bundle has to be the team’s, and the model there', async () => {
  const theirs = { authorization: `Bearer ${await api.keyOf(api.store.stranger, 'member')}` };
  const file = aBundleFile(10);
  await uploadFile(api, file, theirs);
  const foreign = await publish({ digest: sha256(file) });
  expect(expectProblem(foreign, 400, 'invalid_request').errors).toMatchObject([{ field: 'digest' }]);
  expectProblem(await publish({ digest: sha256(file) }, 'nobody'), 404, 'not_found');
  expectProblem(await publish({ digest: 'x' }), 400, 'invalid_request');
});
