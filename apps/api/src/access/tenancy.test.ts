import { readFile } from 'node:fs/promises';
import { fillTeam, type FilledTeam } from '../testing/filled-team.js';
import { operationsOf, type Operation } from '../testing/operations.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const UNKNOWN = '00000000-0000-4000-8000-00000000000f';

let api: TestApi;
let theirs: FilledTeam;
let operations: Operation[];
/** What must never be seen by others: every id of the first team. */
let secrets: string[];
let ourKey: string;
let ours: { deviceId: string; datasetId: string };
beforeAll(async () => {
  api = await startTestApi();
  theirs = await fillTeam(api);
  operations = await operationsOf(api);
  const { datasetId, enrolmentKeyId, apiKeyId, webhookId, workerId, uploadId, ...resources } = theirs;
  const ids = Object.values(resources).map(({ id }) => id);
  secrets = [
    api.store.actor.teamId,
    datasetId,
    enrolmentKeyId,
    apiKeyId,
    webhookId,
    workerId,
    uploadId,
    ...ids,
  ];
  ourKey = await api.keyOf(api.store.stranger, 'admin');
  const device = await api.post('/v1/devices', DEVICE('of-ours'), as(ourKey));
  const dataset = await api.post('/v1/datasets', { name: 'm', source: { kind: 'mnist' } }, as(ourKey));
  ours = { deviceId: device.body.id, datasetId: dataset.body.id };
});
afterAll(() => api.close());

const as = (key: string) => ({ authorization: `Bearer ${key}` });
const DEVICE = (name: string) => ({ name, operatingPoints: [{ name: 'fast', cpuHz: 2e9 }] });
const NETWORK = { family: 'resnet', depth: 8, widthMultiplier: 0.25 };
const LEASE = { leaseToken: UNKNOWN };
const JOB = () => ({ model: 'm', network: NETWORK, ratios: [0, 0.3], datasetId: ours.datasetId });
const SWEEP = () => ({ base: { model: 'm', network: NETWORK, datasetId: ours.datasetId } });

interface Attempt {
  /** In place of the parameters of the path. */
  readonly at?: Readonly<Record<string, string | number>>;
  readonly query?: string;
  readonly body?: object;
}

/** A resource of theirs is named by the path, and is not there. */
const missing = (attempt: () => Attempt) => ({ kind: 'missing', attempts: () => [attempt()] }) as const;
/** A resource of theirs is named by the body, or by the query, and is not there. */
const refused = (attempts: () => Attempt[]) => ({ kind: 'refused', attempts }) as const;
/** Nothing of theirs can be named. What is answered is ours alone. */
const ownOnly = (attempt: () => Attempt = () => ({})) =>
  ({ kind: 'own', attempts: () => [attempt()] }) as const;
/** Belongs to no team. */
const NO_TEAM = { kind: 'public', attempts: (): Attempt[] => [] } as const;

const device = missing(() => ({ at: { id: theirs.device.id } }));
const leased = (body: object = LEASE) => missing(() => ({ at: { id: theirs.task.id, index: 0 }, body }));
const model = (body?: object) => missing(() => ({ at: { name: 'digits' }, body }));
const version = (body?: object) => missing(() => ({ at: { name: 'digits', version: 1 }, body }));
const alias = missing(() => ({ at: { name: 'digits', alias: 'stable' }, body: { version: 1 } }));
const upload = missing(() => ({ at: { id: theirs.uploadId } }));
const deployment = (body?: object) => missing(() => ({ at: { id: theirs.deployment.id }, body }));
const job = missing(() => ({ at: { id: theirs.job.id } }));
const jobVerb = (body?: object) => missing(() => ({ at: { id: theirs.job.id }, body }));
const sweep = (body?: object) => missing(() => ({ at: { id: theirs.sweep.id }, body }));
const webhook = (body?: object) => missing(() => ({ at: { id: theirs.webhookId }, body }));
const delivery = missing(() => ({ at: { id: theirs.webhookId, deliveryId: UNKNOWN } }));
const worker = (body?: object) => missing(() => ({ at: { id: theirs.workerId }, body }));

/** How another team is kept out of each route: a route that is not here fails the first test. */
const ROUTES: Record<
  string,
  { readonly kind: 'missing' | 'refused' | 'own' | 'public'; attempts(): Attempt[] }
> = {
  'GET /health/live': NO_TEAM,
  'GET /health/ready': NO_TEAM,
  'GET /metrics': NO_TEAM,
  'GET /openapi.json': NO_TEAM,
  'GET /v1/me': ownOnly(),
  'GET /v1/api-keys': ownOnly(),
  'POST /v1/api-keys': refused(() => [
    { body: { name: 'theirs', role: 'device', deviceId: theirs.device.id } },
  ]),
  'GET /v1/api-keys/{id}': missing(() => ({ at: { id: theirs.apiKeyId } })),
  'DELETE /v1/api-keys/{id}': missing(() => ({ at: { id: theirs.apiKeyId } })),
  'GET /v1/audit-log': ownOnly(() => ({ query: `?resource=${theirs.device.id}` })),
  'GET /v1/artifacts/{digest}': missing(() => ({ at: { digest: theirs.task.subnets[0]!.onnx.digest } })),
  'POST /v1/calibrations': refused(() => [
    { body: { latencyTableId: theirs.table.id } },
    { body: { latencyTableId: theirs.table.id, save: true } },
  ]),
  'GET /v1/calibrations/{id}': missing(() => ({ at: { id: theirs.calibration.id } })),
  'GET /v1/datasets': ownOnly(),
  'POST /v1/datasets': ownOnly(() => ({ body: { name: 'bits', source: { kind: 'mnist' } } })),
  'GET /v1/datasets/{id}': missing(() => ({ at: { id: theirs.datasetId } })),
  'GET /v1/deployments': ownOnly(() => ({ query: `?deviceId=${theirs.deployment.deviceId}` })),
  'GET /v1/deployments/{id}': deployment(),
  'GET /v1/deployments/{id}/drift': deployment(),
  'POST /v1/deployments/{id}/field-latencies': deployment({ operatingPoint: 'slow', latenciesMs: [1] }),
  'GET /v1/devices': ownOnly(),
  'POST /v1/devices': ownOnly(() => ({ body: DEVICE('board') })),
  'GET /v1/devices/{id}': device,
  'GET /v1/devices/{id}/latency-tables': device,
  'POST /v1/devices/{id}/latency-tables': device,
  'GET /v1/enrolment-keys': ownOnly(),
  'POST /v1/enrolment-keys': ownOnly(() => ({ body: { name: 'lab' } })),
  'GET /v1/enrolment-keys/{id}': missing(() => ({ at: { id: theirs.enrolmentKeyId } })),
  'DELETE /v1/enrolment-keys/{id}': missing(() => ({ at: { id: theirs.enrolmentKeyId } })),
  // Its key says which team a device is of: enrolments.test.ts.
  'POST /v1/enrolments': NO_TEAM,
  'GET /v1/jobs': ownOnly(() => ({ query: '?model=bits' })),
  'POST /v1/jobs': refused(() => [
    { body: { ...JOB(), datasetId: theirs.datasetId } },
    { body: { ...JOB(), ratios: undefined, calibrationId: theirs.calibration.id } },
    { body: { ...JOB(), warmStart: { model: 'digits', version: 1 } } },
  ]),
  'GET /v1/jobs/{id}': job,
  'GET /v1/jobs/{id}/comparison': job,
  'GET /v1/jobs/{id}/comparison.md': job,
  'GET /v1/jobs/{id}/events': job,
  'GET /v1/jobs/{id}/logs': job,
  'GET /v1/jobs/{id}/metrics': job,
  'POST /v1/jobs/{id}/cancel': jobVerb(),
  'POST /v1/jobs/{id}/continue': jobVerb({ until: 'publish' }),
  'POST /v1/jobs/{id}/pause': jobVerb(),
  'POST /v1/jobs/{id}/priority': jobVerb({ priority: 1 }),
  'POST /v1/jobs/{id}/resume': jobVerb(),
  'POST /v1/jobs/{id}/retry': jobVerb(),
  'GET /v1/latency-tables': ownOnly(() => ({ query: `?deviceId=${theirs.device.id}` })),
  'GET /v1/latency-tables/{id}': missing(() => ({ at: { id: theirs.table.id } })),
  'GET /v1/latency-tables/{id}/cells/{index}': missing(() => ({ at: { id: theirs.table.id, index: 0 } })),
  'GET /v1/measuring-tasks': ownOnly(() => ({ query: `?jobId=${theirs.job.id}` })),
  'POST /v1/measuring-tasks': refused(() => [
    {
      body: {
        ...{ deviceId: theirs.device.id, network: NETWORK, classes: 2, ratios: [0] },
        input: { channels: 1, height: 8, width: 8 },
      },
    },
  ]),
  'POST /v1/measuring-tasks/lease': refused(() => [
    { body: { deviceId: theirs.device.id, agent: { name: 'a', version: '1' }, waitSeconds: 0 } },
  ]),
  'GET /v1/measuring-tasks/{id}': leased(),
  'PUT /v1/measuring-tasks/{id}/cells/{index}': leased({ ...LEASE, ...aCell() }),
  'POST /v1/measuring-tasks/{id}/cancel': leased(),
  'POST /v1/measuring-tasks/{id}/complete': leased(),
  'POST /v1/measuring-tasks/{id}/fail': leased({ ...LEASE, error: { code: 'x', message: 'x' } }),
  'POST /v1/measuring-tasks/{id}/heartbeat': leased(),
  'GET /v1/models': ownOnly(),
  'POST /v1/models': ownOnly(() => ({ body: { name: 'digits-of-ours' } })),
  'GET /v1/models/{name}': model(),
  'PATCH /v1/models/{name}': model({ description: 'ours' }),
  'DELETE /v1/models/{name}': model(),
  'POST /v1/models/{name}/restore': model(),
  'GET /v1/models/{name}/aliases': model(),
  'GET /v1/models/{name}/aliases/{alias}': alias,
  'PUT /v1/models/{name}/aliases/{alias}': alias,
  'DELETE /v1/models/{name}/aliases/{alias}': alias,
  'GET /v1/models/{name}/aliases/{alias}/bundle': alias,
  // History outlives models: there is none of what never was.
  'GET /v1/models/{name}/aliases/{alias}/history': ownOnly(() => ({
    at: { name: 'digits', alias: 'stable' },
  })),
  'GET /v1/models/{name}/versions': model(),
  'POST /v1/models/{name}/versions': model({ digest: '0'.repeat(64) }),
  'GET /v1/models/{name}/versions/{version}': version(),
  'PATCH /v1/models/{name}/versions/{version}': version({ description: 'ours' }),
  'DELETE /v1/models/{name}/versions/{version}': version(),
  'POST /v1/models/{name}/versions/{version}/restore': version(),
  'GET /v1/models/{name}/versions/{version}/bundle': version(),
  'GET /v1/sweeps': ownOnly(),
  'POST /v1/sweeps': refused(() => [
    { body: { ...SWEEP(), axes: { calibrationIds: [theirs.calibration.id] } } },
    { body: { base: { ...SWEEP().base, datasetId: theirs.datasetId }, axes: { ratios: [[0]] } } },
  ]),
  'GET /v1/sweeps/{id}': sweep(),
  'GET /v1/sweeps/{id}/comparison': sweep(),
  'GET /v1/sweeps/{id}/comparison.md': sweep(),
  'GET /v1/sweeps/{id}/events': sweep(),
  'POST /v1/sweeps/{id}/cancel': sweep(),
  'POST /v1/sweeps/{id}/pause': sweep(),
  'POST /v1/sweeps/{id}/priority': sweep({ priority: 1 }),
  'POST /v1/sweeps/{id}/resume': sweep(),
  'POST /v1/sweeps/{id}/retry': sweep(),
  'GET /v1/team/limits': ownOnly(),
  'PUT /v1/team/limits': ownOnly(() => ({ body: { maxRunningJobs: 3 } })),
  'GET /v1/team/protected-aliases': ownOnly(),
  'PUT /v1/team/protected-aliases/{alias}': ownOnly(() => ({
    ...{ at: { alias: 'stable' }, body: { role: 'admin' } },
  })),
  'DELETE /v1/team/protected-aliases/{alias}': ownOnly(() => ({ at: { alias: 'stable' } })),
  // Of a file that they have: it has to be sent all the same.
  'POST /v1/uploads': ownOnly(() => ({
    body: { digest: theirs.task.subnets[0]!.onnx.digest, bytes: theirs.task.subnets[0]!.onnx.bytes },
  })),
  'GET /v1/uploads/{id}': upload,
  'PATCH /v1/uploads/{id}': upload,
  'DELETE /v1/uploads/{id}': upload,
  'GET /v1/webhooks': ownOnly(),
  'POST /v1/webhooks': ownOnly(() => ({ body: { url: 'https://example.org/ours' } })),
  'DELETE /v1/webhooks/{id}': webhook(),
  'GET /v1/webhooks/{id}': webhook(),
  'PATCH /v1/webhooks/{id}': webhook({ description: 'ours now' }),
  'GET /v1/webhooks/{id}/deliveries': webhook(),
  'POST /v1/webhooks/{id}/deliveries/{deliveryId}/redeliver': delivery,
  'POST /v1/webhooks/{id}/rotate-secret': webhook({}),
  'POST /v1/webhooks/{id}/test': webhook(),
  'GET /v1/workers': ownOnly(),
  'GET /v1/workers/{id}': worker(),
  'POST /v1/workers/{id}/activate': worker(),
  'POST /v1/workers/{id}/drain': worker({ mode: 'finish' }),
};

test('every route of the document is covered here', () => {
  expect(operations.map(({ route }) => route).sort()).toEqual(Object.keys(ROUTES).sort());
});

const routesOf = (...kinds: string[]) =>
  Object.entries(ROUTES)
    .filter(([, { kind }]) => kinds.includes(kind))
    .map(([route]) => route);

/** Not there for its own team either: the job has not ended, and no file of the bundle was stored. */
const NOT_YET = /comparison|bundle$/;

test.each(routesOf('missing'))("%s: another team's resource is not there", async (route) => {
  for (const attempt of ROUTES[route]!.attempts()) {
    const answer = await send(route, attempt, ourKey);
    expect([route, answer.status, answer.code]).toEqual([route, 404, 'not_found']);
    expect(answer.text).not.toContain(api.store.actor.teamId);
    // It is, for the team that it belongs to: no mistake of the test has it missing.
    if (!route.startsWith('GET') || NOT_YET.test(route)) continue;
    expect((await send(route, attempt, api.key)).status).toBe(200);
  }
});

test.each(routesOf('refused'))("%s: another team's resource cannot be referred to", async (route) => {
  for (const attempt of ROUTES[route]!.attempts()) {
    const answer = await send(route, attempt, ourKey);
    expect([route, answer.status]).toEqual([route, 400]);
    expect(answer.text).not.toContain(api.store.actor.teamId);
    expect(answer.text).toContain('there is no');
  }
});

test.each(routesOf('own'))('%s answers with what is of the team alone', async (route) => {
  for (const attempt of ROUTES[route]!.attempts()) {
    const { status, text } = await send(route, attempt, ourKey);
    expect([route, [200, 201, 204].includes(status)]).toEqual([route, true]);
    const seen = (secret: string) => text.includes(secret);
    // A filter may name an id of theirs: it finds nothing.
    expect(secrets.filter(seen)).toEqual([]);
  }
});

test('nothing of the first team has changed', async () => {
  for (const [route, { kind }] of Object.entries(ROUTES)) {
    if (kind !== 'missing' || !route.startsWith('GET') || NOT_YET.test(route)) continue;
    for (const attempt of ROUTES[route]!.attempts()) {
      expect([route, (await send(route, attempt, api.key)).status]).toEqual([route, 200]);
    }
  }
  expect((await api.get(`/v1/measuring-tasks/${theirs.task.id}`)).body).toEqual(theirs.task);
});

describe('roles', () => {
  test('docs/access.md lists the routes and who may call each, as the decorators say', async () => {
    const document = await readFile(new URL('../../../../docs/access.md', import.meta.url), 'utf8');
    const rows = [...document.matchAll(/^\| `([A-Z]+ \/\S*)` *\| ([^|]*?) *\|/gm)];
    const documented = rows.map(([, route, roles]) => [route!, roles === 'public' ? [] : roles!.split(', ')]);
    const declared = operations.map(({ route, roles }) => [route, roles]);
    expect(sorted(documented)).toEqual(sorted(declared));
  });

  test.each(['admin', 'member', 'viewer', 'worker', 'device'] as const)(
    'a key of role %s is let through where the decorator says so, and nowhere else',
    async (role) => {
      const { stranger } = api.store;
      const key = await api.keyOf(stranger, role, role === 'device' ? ours.deviceId : undefined);
      for (const { route, roles } of operations) {
        const { status, code, text } = await send(route, { body: {} }, key);
        if (roles.length === 0) continue; // public: another test
        const allowed = roles.includes(role);
        expect([route, code === 'forbidden']).toEqual([route, !allowed]);
        expect([route, status === 403]).toEqual([route, !allowed]);
        if (!allowed) expect(text).toContain(`has the role ${role}; this needs ${roles[0]}`);
      }
    },
  );

  test('no route but the public ones answers without a key that is accepted', async () => {
    for (const { route, roles } of operations) {
      for (const key of [undefined, `iso_${'x'.repeat(32)}`]) {
        const { code, headers } = await send(route, { body: {} }, key);
        const refused = ['unauthenticated', 'enrolment_refused'].includes(code ?? '');
        if (roles.length > 0) expect([route, refused]).toEqual([route, true]);
        if (refused) expect(headers.get('www-authenticate')).toBe('Bearer');
      }
    }
  });
});

async function send(route: string, { at = {}, query = '', body }: Attempt, key: string | undefined) {
  const [method, template] = route.split(' ') as [string, string];
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    return String(at[name] ?? (name === 'digest' ? '0'.repeat(64) : name === 'name' ? 'nobody' : UNKNOWN));
  });
  // An upload, where the route takes nothing else: what it is about is looked at before what is in it.
  const isUpload = route === 'POST /v1/devices/{id}/latency-tables' && body === undefined;
  const withBody = !['GET', 'DELETE'].includes(method);
  const headers = new Headers(key === undefined ? {} : as(key));
  const isPart = route === 'PATCH /v1/uploads/{id}';
  const type = isPart ? 'application/octet-stream' : 'application/json';
  if (withBody && !isUpload) headers.set('content-type', type);
  const content = isUpload ? anImport() : JSON.stringify(body ?? {});
  const abort = new AbortController();
  const response = await fetch(api.url + path + query, {
    ...{ method, headers, signal: abort.signal },
    ...(withBody ? { body: content } : {}),
  });
  const isStream = response.headers.get('content-type')?.includes('event-stream') ?? false;
  const text = isStream ? '' : await response.text();
  if (isStream) abort.abort();
  const isProblem = response.headers.get('content-type')?.includes('problem+json') ?? false;
  const code = isProblem ? (JSON.parse(text) as { code: string }).code : undefined;
  return { status: response.status, headers: response.headers, text, code };
}

function anImport(): FormData {
  const form = new FormData();
  form.append('options', JSON.stringify({ format: 'csv' }));
  form.append('file', new Blob(['operating_point,ratio,latency_ms\nfast,0,1']), 'cells.csv');
  return form;
}

function aCell() {
  const machine = { cpuModel: 'test', cores: 2, platform: 'linux', arch: 'x64' };
  return {
    samplesMs: [1],
    provenance: {
      ...{ agentVersion: '1', runner: 'r', runnerVersion: '1', threads: 1, batch: 4, runsPerSample: 1 },
      ...{ networkDigest: 'a'.repeat(64), emulated: true, clockController: 'duty-cycle', machine },
      measuredAt: '2030-01-01T00:00:00.000Z',
    },
  };
}

const sorted = (rows: unknown[][]) => [...rows].sort(([a], [b]) => String(a).localeCompare(String(b)));
