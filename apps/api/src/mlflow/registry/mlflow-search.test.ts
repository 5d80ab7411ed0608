import { aBundleFile } from '../../testing/a-bundle.js';
import { startTestApi, type TestApi } from '../../testing/test-api.js';
import { uploadFile } from '../../testing/upload-file.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const REGISTRY = '/api/2.0/mlflow';
async function published(name: string, seed: number): Promise<void> {
  await api.post(`${REGISTRY}/registered-models/create`, { name });
  const source = `mlflow-artifacts:/sha256/${await uploadFile(api, Buffer.from(aBundleFile(seed)))}`;
  expect((await api.post(`${REGISTRY}/model-versions/create`, { name, source })).status).toBe(200);
}

test.each([
  ['registered-models', 'registered_models', ['gone', 'stays']],
  ['model-versions', 'model_versions', ['stays']],
])('a model that is deleted during a search of %s is no error', async (path, key, names) => {
  await published('gone', 1);
  await published('stays', 2);
  const { models } = api.service;
  const list = models.list.bind(models);
  models.list = async (actor, query) => {
    const found = await list(actor, query);
    await api.delete('/v1/models/gone');
    return found;
  };
  try {
    const { status, body } = await api.get(`${REGISTRY}/${path}/search`);
    expect([status, body[key].map(({ name }: { name: string }) => name)]).toEqual([200, names]);
  } finally {
    models.list = list;
    await api.post('/v1/models/gone/restore', {});
  }
});
