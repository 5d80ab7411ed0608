import { randomUUID } from 'node:crypto';
import type { ModelVersion, SignedStabilityReport, SigningKeySet } from '#contracts';
import { checkReport, EnvelopeError } from '#registry';
import { publishMeasured } from '../testing/published-version.js';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let version: ModelVersion;
let url: string;
beforeAll(async () => {
  api = await startTestApi();
  version = await publishMeasured(api.store.storage, api.store.actor);
  url = `/v1/models/digits/versions/1/stability-reports/${version.deployments[0]!.deviceId}`;
});
afterAll(() => api.close());

const keySet = async () => (await fetch(`${api.url}/v1/signing-keys`)).json() as Promise<SigningKeySet>;
const textOf = async (query = '') => Buffer.from(await (await api.fetch(url + query)).arrayBuffer());

test('a report is signed with a key that anybody may read', async () => {
  const { status, body } = await api.get<SignedStabilityReport>(url);
  expect(status).toBe(200);
  const { keys } = await keySet();
  const checked = checkReport(await textOf(), keys);
  expect(checked).toMatchObject({ kind: 'report', key: { kid: keys[0]!.kid } });
  expect(checked.statement.predicate).toMatchObject({ report: body.report, madeBy: { name: 'isochron' } });
  expect(checked.statement.subject).toEqual([
    { name: 'digits-1.safetensors', digest: { sha256: version.bundle.digest } },
  ]);
  expect(body.report.points).toMatchObject([
    { operatingPoint: 'fast', ratio: 0, calibrated: { p50Ms: 10, onnxDigest: 'a'.repeat(64) } },
    { operatingPoint: 'slow', ratio: 0.5, dense: { p50Ms: 12 }, calibrated: { p50Ms: 13 } },
  ]);
});

test('its page is signed with it, has no script that runs, and shows every figure', async () => {
  const response = await api.fetch(`${url}?format=html`);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  const byHeader = await api.fetch(url, { headers: { accept: 'text/html' } });
  const page = await response.text();
  expect(await byHeader.text()).toBe(page);
  const { keys } = await keySet();
  expect(checkReport(Buffer.from(page), keys).kind).toBe('page');
  expect(() => checkReport(Buffer.from(page.replace('13.0', '10.0')), keys)).toThrow(EnvelopeError);
  expect(page.match(/<script[^>]*>/g)).toEqual(['<script type="application/json" id="signed-report">']);
});

test('is the same whenever it is asked for, so that who has it need not get it again', async () => {
  const first = await api.fetch(url);
  expect(await textOf()).toEqual(Buffer.from(await first.arrayBuffer()));
  const etag = first.headers.get('etag')!;
  expect((await api.fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
});

test('stays valid when the key was rotated, and a new one is signed with the new key', async () => {
  const before = await textOf();
  const kid = await api.service.signingKeys.rotate('retired');
  const { keys } = await keySet();
  expect(keys[0]!.kid).toBe(kid);
  expect(checkReport(before, keys).key.kid).toBe(keys[1]!.kid);
  expect(checkReport(await textOf(), keys).key.kid).toBe(kid);
});

test('is about the deployment that is named', async () => {
  const { id } = version.deployments[0]!;
  const { body } = await api.get<SignedStabilityReport>(`${url}?deploymentId=${id}`);
  expect(body.report.deployment.id).toBe(id);
  expectProblem(await api.get(`${url}?deploymentId=${randomUUID()}`), 404, 'not_found');
  expectProblem(await api.get(`${url}?deploymentId=x`), 400, 'invalid_request');
});

test('of a device that the version is not on is not there', async () => {
  const missing = await api.get(`/v1/models/digits/versions/1/stability-reports/${randomUUID()}`);
  const { deviceName } = version.deployments[0]!;
  expect(expectProblem(missing, 404, 'not_found').detail).toContain(deviceName);
  expectProblem(await api.get('/v1/models/digits/versions/1/stability-reports/board'), 404, 'not_found');
});

test('the key set is a JWK set', async () => {
  const response = await fetch(`${api.url}/v1/signing-keys`);
  expect(response.headers.get('content-type')).toContain('application/jwk-set+json');
});
