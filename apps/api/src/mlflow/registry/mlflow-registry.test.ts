import { aBundleFile } from '../../testing/a-bundle.js';
import { startTestApi, type Answer, type TestApi } from '../../testing/test-api.js';
import { sha256, uploadFile } from '../../testing/upload-file.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const REGISTRY = '/api/2.0/mlflow';
const FILES = '/api/2.0/mlflow-artifacts/artifacts';
let seed = 1;

const query = (parameters: Record<string, string>) => `?${String(new URLSearchParams(parameters))}`;
const get = (path: string, parameters: Record<string, string>) =>
  api.get(`${REGISTRY}/${path}${query(parameters)}`);
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  api.post(`${REGISTRY}/${path}`, body, headers);
/** With a body, as MLflow's clients send PATCH and DELETE. */
const send = async (method: string, path: string, body: object): Promise<Answer<any>> => {
  const headers = { 'content-type': 'application/json' };
  const response = await api.fetch(`${REGISTRY}/${path}`, { method, headers, body: JSON.stringify(body) });
  return { status: response.status, headers: response.headers, body: await response.json() };
};
const put = (path: string, content: Uint8Array | string, type = 'application/octet-stream') =>
  api.fetch(`${FILES}/${path}`, {
    method: 'PUT',
    body: Buffer.from(content),
    headers: { 'content-type': type },
  });
const model = async (name: string) =>
  (await post('registered-models/create', { name })).body.registered_model;
const version = (name: string, source: string, more: object = {}) =>
  post('model-versions/create', { name, source, ...more });
/** A model with a version of a bundle that no other version has. */
async function published(name: string): Promise<Buffer> {
  const bundle = Buffer.from(aBundleFile(seed++));
  await model(name);
  const { status } = await version(name, `mlflow-artifacts:/sha256/${await uploadFile(api, bundle)}`);
  expect(status).toBe(200);
  return bundle;
}

function expectError(
  { status, body }: Answer<any>,
  expected: number,
  code: string,
  message?: string | RegExp,
) {
  expect([status, body]).toEqual([
    expected,
    {
      error_code: code,
      message: message === undefined ? expect.any(String) : expect.stringMatching(message),
    },
  ]);
}

test('a model of an MLflow client is one of ours, and the other way round', async () => {
  const created = await post('registered-models/create', {
    ...{
      name: 'both',
      description: 'words',
      tags: [{ key: 'team', value: 'edge' }],
      deployment_job_id: null,
    },
  });
  expect(created.body.registered_model).toEqual({
    ...{ name: 'both', description: 'words', user_id: 'ada', latest_versions: [], aliases: [] },
    tags: [{ key: 'team', value: 'edge' }],
    creation_timestamp: expect.any(Number),
    last_updated_timestamp: expect.any(Number),
  });
  expect((await api.get('/v1/models/both')).body).toMatchObject({
    description: 'words',
    tags: { team: 'edge' },
  });
  await api.post('/v1/models', { name: 'ours', tags: { a: 'b' } });
  const { body } = await get('registered-models/get', { name: 'ours' });
  expect(body.registered_model).toMatchObject({ name: 'ours', tags: [{ key: 'a', value: 'b' }] });
  expectError(
    await post('registered-models/create', { name: 'both' }),
    400,
    'RESOURCE_ALREADY_EXISTS',
    /"both"/,
  );
});

test('a version is made of what the proxy was given: a file, or a folder with one bundle', async () => {
  await model('put');
  const [one, two] = [aBundleFile(101), aBundleFile(102)];
  expect((await put('runs/1/digits.bundle', one)).status).toBe(200);
  await put('runs/2/model/data.safetensors', two);
  await put('runs/2/model/MLmodel', 'flavors: {}', 'text/plain');
  await put('runs/2/model/input_example.json', '{ "kept":  "as it is" }', 'application/json');
  const first = await version('put', 'mlflow-artifacts:/runs/1/digits.bundle', { description: 'one' });
  expect(first.body.model_version).toMatchObject({
    ...{ name: 'put', version: '1', status: 'READY', current_stage: 'None', description: 'one', aliases: [] },
    source: `mlflow-artifacts://${new URL(api.url).host}/models/put/1`,
  });
  expect((await version('put', 'mlflow-artifacts:/runs/2')).body.model_version).toMatchObject({
    version: '2',
  });
  expect((await version('put', 'mlflow-artifacts:/runs/1')).body.model_version.version).toBe('1');
  const { body } = await api.get('/v1/models/put/versions/2');
  expect(body.bundle.digest).toBe(sha256(two));
  const example = await api.fetch(`${FILES}/runs/2/model/input_example.json`);
  expect(await example.text()).toBe('{ "kept":  "as it is" }');
});

test('sources may be versions and aliases of other models', async () => {
  const bundle = await published('from');
  await post('registered-models/alias', { name: 'from', alias: 'best', version: '1' });
  await model('to');
  expect((await version('to', 'models:/from@best')).status).toBe(200);
  expect((await version('to', 'models:/from/1')).body.model_version.version).toBe('1');
  expect((await api.get('/v1/models/to/versions/1')).body.bundle.digest).toBe(sha256(bundle));
  expectError(await version('to', 'models:/from/9'), 404, 'RESOURCE_DOES_NOT_EXIST');
});

test('what is no bundle is refused by name', async () => {
  await model('refused');
  await put('bad/two/a.bundle', aBundleFile(111));
  await put('bad/two/b.bundle', aBundleFile(112));
  await put('bad/text.txt', 'words');
  const refused = async (source: string, message: RegExp) =>
    expectError(await version('refused', source), 400, 'INVALID_PARAMETER_VALUE', message);
  await refused('mlflow-artifacts:/bad/text.txt', /is no bundle that can be published/);
  await refused(
    'mlflow-artifacts:/bad/two',
    /there are bad\/two\/a.bundle, bad\/two\/b.bundle: expected one bundle/,
  );
  await refused('mlflow-artifacts:/nowhere', /nothing was put there: expected one bundle/);
  await refused('runs:/abc/model', /source is "runs:\/abc\/model": expected a bundle on this server/);
  await refused(`mlflow-artifacts:/sha256/${'0'.repeat(64)}`, /there is no bundle 0+/);
  expectError(await version('nothing', 'mlflow-artifacts:/bad/two/a.bundle'), 404, 'RESOURCE_DOES_NOT_EXIST');
});

test('aliases move, are read and go; those of a protected name by admins alone', async () => {
  await published('named');
  const alias = { name: 'named', alias: 'champion' };
  expect((await post('registered-models/alias', { ...alias, version: '1' })).body).toEqual({});
  expect((await get('registered-models/alias', alias)).body.model_version).toMatchObject({
    ...{ version: '1', aliases: ['champion'] },
  });
  expect((await get('registered-models/get', { name: 'named' })).body.registered_model).toMatchObject({
    aliases: [{ alias: 'champion', version: '1' }],
    latest_versions: [{ version: '1', aliases: ['champion'] }],
  });
  expectError(await send('DELETE', 'registered-models/delete', { name: 'named' }), 409, 'RESOURCE_CONFLICT');
  expect((await send('DELETE', 'registered-models/alias', alias)).status).toBe(200);
  expectError(await get('registered-models/alias', alias), 404, 'RESOURCE_DOES_NOT_EXIST');
  const member = { authorization: `Bearer ${await api.keyOf(api.store.actor, 'member')}` };
  const production = await post(
    'registered-models/alias',
    { ...alias, alias: 'production', version: 1 },
    member,
  );
  expectError(production, 403, 'PERMISSION_DENIED', /only the role admin may move alias "production"/);
  const latest = await post('registered-models/alias', { ...alias, alias: 'latest', version: '1' });
  expectError(latest, 400, 'INVALID_PARAMETER_VALUE', /alias is "latest"/);
});

test('descriptions and tags of models and versions change', async () => {
  await published('told');
  const at = { name: 'told', version: '1' };
  await send('PATCH', 'registered-models/update', { name: 'told', description: 'about it' });
  await send('PATCH', 'model-versions/update', { ...at, description: 'about this one' });
  await post('registered-models/set-tag', { name: 'told', key: 'a', value: '1' });
  await post('registered-models/set-tag', { name: 'told', key: 'b', value: '2' });
  await send('DELETE', 'registered-models/delete-tag', { name: 'told', key: 'a' });
  await post('model-versions/set-tag', { ...at, key: 'c', value: '3' });
  await post('model-versions/set-tag', { ...at, key: 'd', value: '4' });
  await send('DELETE', 'model-versions/delete-tag', { ...at, key: 'c' });
  const found = (await get('registered-models/get', { name: 'told' })).body.registered_model;
  expect(found).toMatchObject({ description: 'about it', tags: [{ key: 'b', value: '2' }] });
  expect(found.latest_versions[0]).toMatchObject({
    description: 'about this one',
    tags: [{ key: 'd', value: '4' }],
  });
  const tooLong = await post('registered-models/set-tag', { name: 'told', key: 'a', value: 'x'.repeat(501) });
  expectError(tooLong, 400, 'INVALID_PARAMETER_VALUE', /body\.tags\.a|tags\.a/);
});

test('versions have the files that tools of MLflow look for, by range too', async () => {
  const bundle = await published('files');
  const { artifact_uri } = (await get('model-versions/get-download-uri', { name: 'files', version: '1' }))
    .body;
  expect(artifact_uri).toBe(`mlflow-artifacts://${new URL(api.url).host}/models/files/1`);
  const { body } = await api.get(`${FILES}?path=models/files/1`);
  expect(body.files).toEqual([
    { path: 'MLmodel', is_dir: false, file_size: expect.any(Number) },
    { path: 'files-1.safetensors', is_dir: false, file_size: bundle.length },
  ]);
  const described = await (await api.fetch(`${FILES}/models/files/1/MLmodel`)).text();
  expect(Buffer.byteLength(described)).toBe(body.files[0].file_size);
  expect(JSON.parse(described)).toMatchObject({
    flavors: { isochron: { data: 'files-1.safetensors', digest: sha256(bundle), classes: 2 } },
    signature: { inputs: expect.stringContaining('[-1,1,8,8]'), outputs: expect.stringContaining('[-1,2]') },
  });
  const range = await api.fetch(`${FILES}/models/files/1/files-1.safetensors`, {
    headers: { range: 'bytes=8-15' },
  });
  expect(range.status).toBe(206);
  expect(Buffer.from(await range.arrayBuffer())).toEqual(bundle.subarray(8, 16));
  for (const path of ['models/files/1/other', 'models/files/2/MLmodel', 'models/files', 'runs/nothing'])
    expectError(await api.get(`${FILES}/${path}`), 404, 'RESOURCE_DOES_NOT_EXIST');
  expect((await api.get(`${FILES}?path=models/files/2`)).body).toEqual({ files: [] });
});

test('the proxy lists folders, and takes nothing where versions have their files', async () => {
  for (const path of ['tree/a/b/c.txt', 'tree/a/d.txt', 'tree/e.txt', 'tree_/f.txt']) await put(path, path);
  expect((await api.get(`${FILES}?path=tree`)).body.files).toEqual([
    { path: 'a', is_dir: true },
    { path: 'e.txt', is_dir: false, file_size: 10 },
  ]);
  expect((await api.get(`${FILES}?path=tree/a/`)).body.files.map(({ path }: any) => path)).toEqual([
    'b',
    'd.txt',
  ]);
  expect((await api.get(`${FILES}?path=tree/e.txt`)).body.files).toEqual([]);
  const names = (await api.get(FILES)).body.files.map(({ path }: any) => path);
  expect(names).toEqual(expect.arrayContaining(['tree', 'tree_']));
  const taken = await put('models/x/1/MLmodel', 'x');
  expect([taken.status, ((await taken.json()) as any).message]).toEqual([
    400,
    expect.stringContaining('outside of models/'),
  ]);
  const up = await api.get(`${FILES}?path=tree/../x`);
  expectError(up, 400, 'INVALID_PARAMETER_VALUE', /path is "tree\/..\/x"/);
  await put('tree/e.txt', 'other words');
  expect(await (await api.fetch(`${FILES}/tree/e.txt`)).text()).toBe('other words');
  const large = await put('tree/large', Buffer.alloc(70 * 1024));
  expect([large.status, ((await large.json()) as any).error_code]).toEqual([413, 'BAD_REQUEST']);
});

test('there are no stages, and models keep their names', async () => {
  await published('staged');
  const staged = { name: 'staged', version: '1', stage: 'Production', archive_existing_versions: false };
  expectError(
    await post('model-versions/transition-stage', staged),
    400,
    'INVALID_PARAMETER_VALUE',
    /@production/,
  );
  const latest = (stages: string[]) =>
    post('registered-models/get-latest-versions', { name: 'staged', stages });
  expectError(await latest(['Staging']), 400, 'INVALID_PARAMETER_VALUE', /aliases/);
  expect((await latest(['None'])).body.model_versions).toMatchObject([{ version: '1' }]);
  const byGet = await get('registered-models/get-latest-versions', { name: 'staged' });
  expect(byGet.body.model_versions).toHaveLength(1);
  const renamed = await post('registered-models/rename', { name: 'staged', new_name: 'other' });
  expectError(renamed, 400, 'INVALID_PARAMETER_VALUE', /models keep their names/);
});

test('searches are filtered, ordered and paged', async () => {
  for (const name of ['search-b', 'search-a', 'search_c']) await published(name);
  await post('registered-models/set-tag', { name: 'search-a', key: 'team', value: 'edge' });
  const models = async (parameters: Record<string, string>) => {
    const { body } = await get('registered-models/search', parameters);
    return [body.registered_models.map(({ name }: any) => name), body.next_page_token];
  };
  expect(await models({ filter: "name LIKE 'search-%'" })).toEqual([['search-a', 'search-b'], undefined]);
  expect(await models({ filter: "name LIKE 'search%' AND tags.team = 'edge'" })).toEqual([
    ['search-a'],
    undefined,
  ]);
  const [first, token] = await models({
    filter: "name LIKE 'search%'",
    max_results: '2',
    order_by: 'name DESC',
  });
  expect([first, token]).toEqual([['search_c', 'search-b'], expect.any(String)]);
  const rest = { filter: "name LIKE 'search%'", max_results: '2', order_by: 'name DESC', page_token: token };
  expect(await models(rest)).toEqual([['search-a'], undefined]);
  const versions = async (filter: string) =>
    (await get('model-versions/search', { filter })).body.model_versions.map(({ name }: any) => name);
  expect(await versions("name = 'search-a'")).toEqual(['search-a']);
  expect(await versions("name = 'search'")).toEqual([]);
  expect(await versions("name LIKE 'search%' AND version_number < 2")).toEqual([
    'search-a',
    'search-b',
    'search_c',
  ]);
  expectError(
    await get('registered-models/search', { filter: 'name' }),
    400,
    'INVALID_PARAMETER_VALUE',
    /^filter, at its end/,
  );
  expectError(
    await get('model-versions/search', { max_results: '0' }),
    400,
    'INVALID_PARAMETER_VALUE',
    /max_results/,
  );
});

test('what is deleted is gone for MLflow, and can be restored', async () => {
  await published('gone');
  expect((await send('DELETE', 'model-versions/delete', { name: 'gone', version: '1' })).body).toEqual({});
  expectError(
    await get('model-versions/get', { name: 'gone', version: '1' }),
    404,
    'RESOURCE_DOES_NOT_EXIST',
  );
  expect(
    (await get('registered-models/get', { name: 'gone' })).body.registered_model.latest_versions,
  ).toEqual([]);
  await send('DELETE', 'registered-models/delete', { name: 'gone' });
  expectError(await get('registered-models/get', { name: 'gone' }), 404, 'RESOURCE_DOES_NOT_EXIST');
  expectError(
    await post('registered-models/create', { name: 'gone' }),
    400,
    'RESOURCE_ALREADY_EXISTS',
    /restored/,
  );
});

test('what there is not is said so, with where to keep it', async () => {
  for (const path of ['runs/create', 'experiments/search', 'registered-models/permissions'])
    expectError(await post(path, {}), 404, 'ENDPOINT_NOT_FOUND', /keep those on a tracking server/);
  const trace = await api.get('/api/3.0/mlflow/traces/abc');
  expectError(trace, 404, 'ENDPOINT_NOT_FOUND');
  const { body } = await api.get('/api/3.0/mlflow/server-info');
  expect(body).toMatchObject({ workspaces_enabled: false, multipart_uploads_enabled: false });
  expectError(await post('model-versions/create', { name: 7 }), 400, 'INVALID_PARAMETER_VALUE', /name is 7/);
  expectError(
    await get('model-versions/get', { name: 'x', version: 'one' }),
    400,
    'INVALID_PARAMETER_VALUE',
    /version/,
  );
});

test('changes are in the audit log, by what they are about', async () => {
  await published('audited');
  await post('registered-models/set-tag', { name: 'audited', key: 'a', value: 'b' });
  const { body } = await api.get('/v1/audit-log?resource=audited');
  expect(body.items.map(({ action }: any) => action)).toEqual([
    'mlflowSetModelTag',
    'mlflowCreateVersion',
    'mlflowCreateModel',
  ]);
});
