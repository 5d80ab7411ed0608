import { startTestApi, type TestApi } from '../testing/test-api.js';
import { requireAccess } from './access-of-operations.js';

interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: unknown;
  security: unknown[];
  description: string;
  'x-roles': string[];
  responses: Record<string, { description: string; content?: Record<string, { schema?: unknown }> }>;
}

const ROUTES = `
get /health/live
get /health/ready
get /metrics
get /openapi.json
get /v1/api-keys
post /v1/api-keys
delete /v1/api-keys/{id}
get /v1/api-keys/{id}
get /v1/artifacts/{digest}
get /v1/audit-log
post /v1/calibrations
get /v1/calibrations/{id}
get /v1/datasets
post /v1/datasets
get /v1/datasets/{id}
get /v1/deployments
get /v1/deployments/{id}
get /v1/deployments/{id}/drift
post /v1/deployments/{id}/field-latencies
get /v1/devices
post /v1/devices
get /v1/devices/{id}
get /v1/devices/{id}/latency-tables
post /v1/devices/{id}/latency-tables
get /v1/enrolment-keys
post /v1/enrolment-keys
delete /v1/enrolment-keys/{id}
get /v1/enrolment-keys/{id}
post /v1/enrolments
get /v1/jobs
post /v1/jobs
get /v1/jobs/{id}
get /v1/jobs/{id}/comparison
get /v1/jobs/{id}/comparison.md
get /v1/jobs/{id}/events
get /v1/jobs/{id}/logs
get /v1/jobs/{id}/metrics
post /v1/jobs/{id}/cancel
post /v1/jobs/{id}/continue
post /v1/jobs/{id}/pause
post /v1/jobs/{id}/priority
post /v1/jobs/{id}/resume
post /v1/jobs/{id}/retry
get /v1/latency-tables
get /v1/latency-tables/{id}
get /v1/latency-tables/{id}/cells/{index}
get /v1/me
get /v1/measuring-tasks
post /v1/measuring-tasks
post /v1/measuring-tasks/lease
get /v1/measuring-tasks/{id}
put /v1/measuring-tasks/{id}/cells/{index}
post /v1/measuring-tasks/{id}/cancel
post /v1/measuring-tasks/{id}/complete
post /v1/measuring-tasks/{id}/fail
post /v1/measuring-tasks/{id}/heartbeat
get /v1/models
post /v1/models
delete /v1/models/{name}
get /v1/models/{name}
patch /v1/models/{name}
get /v1/models/{name}/aliases
delete /v1/models/{name}/aliases/{alias}
get /v1/models/{name}/aliases/{alias}
put /v1/models/{name}/aliases/{alias}
get /v1/models/{name}/aliases/{alias}/bundle
get /v1/models/{name}/aliases/{alias}/history
post /v1/models/{name}/restore
get /v1/models/{name}/versions
post /v1/models/{name}/versions
delete /v1/models/{name}/versions/{version}
get /v1/models/{name}/versions/{version}
patch /v1/models/{name}/versions/{version}
get /v1/models/{name}/versions/{version}/bundle
post /v1/models/{name}/versions/{version}/restore
get /v1/sweeps
post /v1/sweeps
get /v1/sweeps/{id}
get /v1/sweeps/{id}/comparison
get /v1/sweeps/{id}/comparison.md
get /v1/sweeps/{id}/events
post /v1/sweeps/{id}/cancel
post /v1/sweeps/{id}/pause
post /v1/sweeps/{id}/priority
post /v1/sweeps/{id}/resume
post /v1/sweeps/{id}/retry
get /v1/team/limits
put /v1/team/limits
get /v1/team/protected-aliases
delete /v1/team/protected-aliases/{alias}
put /v1/team/protected-aliases/{alias}
post /v1/uploads
delete /v1/uploads/{id}
get /v1/uploads/{id}
patch /v1/uploads/{id}
get /v1/webhooks
post /v1/webhooks
delete /v1/webhooks/{id}
get /v1/webhooks/{id}
patch /v1/webhooks/{id}
get /v1/webhooks/{id}/deliveries
post /v1/webhooks/{id}/deliveries/{deliveryId}/redeliver
post /v1/webhooks/{id}/rotate-secret
post /v1/webhooks/{id}/test
get /v1/workers
get /v1/workers/{id}
post /v1/workers/{id}/activate
post /v1/workers/{id}/drain`
  .trim()
  .split('\n');

/** Verbs that need no more than their path. */
const WITHOUT_BODY = [
  'post /v1/jobs/{id}/cancel',
  'post /v1/jobs/{id}/pause',
  'post /v1/jobs/{id}/resume',
  'post /v1/jobs/{id}/retry',
  'post /v1/measuring-tasks/{id}/cancel',
  'post /v1/models/{name}/restore',
  'post /v1/models/{name}/versions/{version}/restore',
  'post /v1/sweeps/{id}/cancel',
  'post /v1/sweeps/{id}/pause',
  'post /v1/sweeps/{id}/resume',
  'post /v1/sweeps/{id}/retry',
  'post /v1/workers/{id}/activate',
  'post /v1/webhooks/{id}/deliveries/{deliveryId}/redeliver',
  'post /v1/webhooks/{id}/test',
];

let api: TestApi;
let document: any;
let operations: [route: string, operation: Operation][];
beforeAll(async () => {
  api = await startTestApi();
  document = (await api.get('/openapi.json')).body;
  operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method} ${path}`,
      operation,
    ]),
  );
});
afterAll(() => api.close());

test('has every route, each with a name of its own', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(operations.map(([route]) => route).sort()).toEqual([...ROUTES].sort());
  const ids = operations.map(([, operation]) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [route, { operationId, summary, tags }] of operations) {
    expect([route, operationId, summary, tags]).toEqual([
      route,
      expect.stringMatching(/^[a-z][A-Za-z]+$/),
      expect.any(String),
      [expect.any(String)],
    ]);
  }
});

test('describes the parameters of every path', () => {
  for (const [route, { parameters = [] }] of operations) {
    const inPath = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = parameters.filter((parameter) => parameter.in === 'path');
    expect([route, described.map((parameter) => parameter.name)]).toEqual([route, inPath]);
    for (const parameter of described) expect(parameter.required).toBe(true);
  }
  const { parameters } = document.paths['/v1/jobs'].get;
  expect(parameters.map((parameter: { name: string }) => parameter.name)).toEqual(
    expect.arrayContaining(['limit', 'cursor', 'state', 'model']),
  );
  const filters = document.paths['/v1/devices'].get.parameters;
  expect(filters.find(({ name }: { name: string }) => name === 'label')).toMatchObject({
    ...{ in: 'query', required: false },
    schema: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  });
});

test('describes the answers, problems as such, and the body of what is sent', () => {
  for (const [route, { responses, requestBody }] of operations) {
    const statuses = Object.keys(responses);
    expect([route, statuses.filter((status) => status.startsWith('2'))]).not.toEqual([route, []]);
    expect([route, statuses]).toEqual([route, expect.arrayContaining(['500'])]);
    if (/^(post|put|patch)/.test(route) && !WITHOUT_BODY.includes(route))
      expect([route, requestBody]).toEqual([route, expect.anything()]);
    for (const [status, { content = {} }] of Object.entries(responses)) {
      if (Number(status) < 400 || (route === 'get /health/ready' && status === '503')) continue;
      expect([route, status, content]).toEqual([
        route,
        status,
        { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      ]);
    }
  }
});

test('says which routes need a key, of which role, and how they refuse', () => {
  expect(document.components.securitySchemes).toMatchObject({ apiKey: { type: 'http', scheme: 'bearer' } });
  for (const [route, operation] of operations) {
    const { security, description, responses, 'x-roles': roles } = operation;
    const isPublic = roles.length === 0;
    expect([route, security]).toEqual([route, isPublic ? [] : [{ apiKey: [] }]]);
    expect(description).toContain(isPublic ? 'Needs no API key.' : `of the role ${roles[0]}`);
    const refusals = ['401', '403', '429'].filter((status) => status in responses);
    if (!isPublic) expect([route, refusals]).toEqual([route, ['401', '403', '429']]);
  }
  expect(document.paths['/v1/jobs'].post.description).toContain('role member or admin');
});

test('an API with a route that does not say who may call it does not start', () => {
  const paths = { '/v1/secrets': { get: { operationId: 'x', responses: {} } } };
  expect(() => requireAccess({ openapi: '3.1.0', info: { title: 't', version: '1' }, paths })).toThrow(
    'no @Allows or @Public says who may call GET /v1/secrets',
  );
});

test('refers only to schemas that it has, and has none that nothing refers to', () => {
  const text = JSON.stringify(document);
  const referred = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!));
  const there = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect([...referred].sort()).toEqual(there.sort());
});

test('says what may be left out of a request and what an answer always has', () => {
  const { CreateDevice, Device, CreateJob } = document.components.schemas;
  expect(CreateDevice.required).toEqual(['name', 'operatingPoints']);
  expect(CreateDevice.additionalProperties).toBe(false);
  expect(Device.required).toEqual(expect.arrayContaining(['id', 'labels', 'createdAt']));
  expect(CreateJob.properties.training.properties.batchSize).toMatchObject({ type: 'integer', default: 64 });
});
