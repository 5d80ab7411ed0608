import { readFile } from 'node:fs/promises';
import type { Role } from '#contracts';
import { aBundleFile } from '../../testing/a-bundle.js';
import { startTestApi, type TestApi } from '../../testing/test-api.js';

let api: TestApi;
let strangerKey: string;
beforeAll(async () => {
  api = await startTestApi();
  strangerKey = await api.keyOf(api.store.stranger, 'admin');
  await call('POST', 'registered-models/create', { name: 'digits' }, api.key);
  await send('PUT', `${FILES}/secret.bundle`, Buffer.from(aBundleFile(1)), api.key);
  const source = 'mlflow-artifacts:/secret.bundle';
  await call('POST', 'model-versions/create', { name: 'digits', source }, api.key);
  await call('POST', 'registered-models/alias', { name: 'digits', alias: 'stable', version: '1' }, api.key);
});
afterAll(() => api.close());

const FILES = '/api/2.0/mlflow-artifacts/artifacts';
const AT = {
  name: 'digits',
  version: '1',
  alias: 'stable',
  key: 'k',
  value: 'v',
  description: 'd',
  stage: 'None',
};
const SOURCE = { source: 'models:/digits/1' };

interface Route {
  readonly method: string;
  readonly path: string;
  /** The least role that may call it. */
  readonly least: 'viewer' | 'member';
  /** What another team gets, where that is not `not found`; undefined for something of its own. */
  readonly shown?: object | 'its own';
}
const route = (method: string, path: string, least: Route['least'], shown?: Route['shown']): Route => ({
  ...{ method, path, least },
  ...(shown !== undefined && { shown }),
});

const ROUTES: readonly Route[] = [
  route('POST', 'registered-models/create', 'member', 'its own'),
  route('GET', 'registered-models/get', 'viewer'),
  route('GET', 'registered-models/search', 'viewer', { registered_models: [] }),
  route('PATCH', 'registered-models/update', 'member'),
  route('POST', 'registered-models/set-tag', 'member'),
  route('DELETE', 'registered-models/delete-tag', 'member'),
  route('GET', 'registered-models/alias', 'viewer'),
  route('POST', 'registered-models/alias', 'member'),
  route('DELETE', 'registered-models/alias', 'member'),
  route('GET', 'registered-models/get-latest-versions', 'viewer'),
  route('POST', 'registered-models/get-latest-versions', 'viewer'),
  route('POST', 'model-versions/create', 'member'),
  route('GET', 'model-versions/get', 'viewer'),
  route('GET', 'model-versions/search', 'viewer', { model_versions: [] }),
  route('GET', 'model-versions/get-download-uri', 'viewer'),
  route('PATCH', 'model-versions/update', 'member'),
  route('POST', 'model-versions/set-tag', 'member'),
  route('DELETE', 'model-versions/delete-tag', 'member'),
  route('DELETE', 'model-versions/delete', 'member'),
  route('DELETE', 'registered-models/delete', 'member'),
];

async function send(method: string, url: string, body: Buffer | string | undefined, key: string | undefined) {
  const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream';
  const init = { method, body, headers: { authorization: key ? `Bearer ${key}` : '', 'content-type': type } };
  const response = await api.fetch(url, init);
  const text = await response.text();
  return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : {} };
}

function call(method: string, path: string, body: object, key: string | undefined) {
  const url = `/api/2.0/mlflow/${path}`;
  if (method !== 'GET') return send(method, url, JSON.stringify(body), key);
  return send(
    method,
    `${url}?${String(new URLSearchParams(body as Record<string, string>))}`,
    undefined,
    key,
  );
}

test.each(ROUTES)(
  '$method $path shows and changes nothing of another team',
  async ({ method, path, shown }) => {
    const { status, body, text } = await call(method, path, { ...AT, ...SOURCE }, strangerKey);
    if (shown === undefined) expect([status, body.error_code]).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
    else expect(status).toBe(200);
    if (typeof shown === 'object') expect(body).toEqual(shown);
    expect(text).not.toContain(api.store.actor.teamId);
    // Names are a team's own; theirs goes again.
    if (shown === 'its own')
      await call('DELETE', 'registered-models/delete', { name: 'digits' }, strangerKey);
    const { body: still } = await call('GET', 'registered-models/get', { name: 'digits' }, api.key);
    expect(still.registered_model).toMatchObject({
      description: '',
      tags: [],
      aliases: [{ alias: 'stable' }],
    });
  },
);

test('files of another team are not there, and nobody makes a version of them', async () => {
  for (const path of ['secret.bundle', 'models/digits/1/MLmodel', 'models/digits/1/digits-1.safetensors'])
    expect((await send('GET', `${FILES}/${path}`, undefined, strangerKey)).status).toBe(404);
  for (const folder of ['', 'models/digits/1'])
    expect((await send('GET', `${FILES}?path=${folder}`, undefined, strangerKey)).body).toEqual({
      files: [],
    });
  await call('POST', 'registered-models/create', { name: 'mine' }, strangerKey);
  const { body } = await api.get('/v1/models/digits/versions/1');
  for (const source of [
    `mlflow-artifacts:/sha256/${body.bundle.digest}`,
    'mlflow-artifacts:/secret.bundle',
  ]) {
    const answer = await call('POST', 'model-versions/create', { name: 'mine', source }, strangerKey);
    expect([answer.status, answer.body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
  }
});

describe('roles', () => {
  const LADDER: readonly Role[] = ['viewer', 'member'];

  test.each(['viewer', 'worker', 'device'] as const)(
    'a key of role %s gets no further than it may',
    async (role) => {
      const { stranger } = api.store;
      const device = { name: 'board', operatingPoints: [{ name: 'fast', cpuHz: 2e9 }] };
      const as = { authorization: `Bearer ${strangerKey}` };
      const id = role === 'device' ? (await api.post('/v1/devices', device, as)).body.id : undefined;
      const key = await api.keyOf(stranger, role, id);
      for (const { method, path, least } of ROUTES) {
        const { status, body } = await call(method, path, AT, key);
        const allowed = LADDER.indexOf(role) >= LADDER.indexOf(least);
        expect([path, status === 403]).toEqual([path, !allowed]);
        if (!allowed) expect(body.error_code).toBe('PERMISSION_DENIED');
      }
      const put = await send('PUT', `${FILES}/x`, Buffer.from('x'), key);
      expect(put.status).toBe(403);
      expect((await send('GET', FILES, undefined, key)).status).toBe(role === 'viewer' ? 200 : 403);
    },
  );

  test('without a key that is accepted there is nothing', async () => {
    for (const { method, path } of ROUTES) {
      const { status, body } = await call(method, path, AT, undefined);
      expect([path, status, body.error_code]).toEqual([path, 401, 'UNAUTHENTICATED']);
    }
    expect((await send('GET', `${FILES}/secret.bundle`, undefined, undefined)).status).toBe(401);
    expect((await send('GET', '/api/2.0/mlflow/anything', undefined, undefined)).status).toBe(401);
  });

  test('docs/mlflow.md lists the routes and who may call each', async () => {
    const document = await readFile(new URL('../../../../../docs/mlflow.md', import.meta.url), 'utf8');
    for (const { method, path, least } of ROUTES)
      expect(document).toMatch(new RegExp(`\\| \`${method} ${path}\` +\\| ${least}`));
  });
});
