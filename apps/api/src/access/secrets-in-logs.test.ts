import { randomUUID } from 'node:crypto';
import { createLogger } from '#runtime';
import { startTestApi } from '../testing/test-api.js';

const WEBHOOK_SECRET = 'whsec_4f1d0c8e7b6a59483726150f';
const DEVICE = { operatingPoints: [{ name: 'fast', cpuHz: 2e9 }] };

test('no key and no secret of a request is in the log of a running API, whatever goes wrong', async () => {
  let log = '';
  const stream = { write: (line: string) => void (log += line) };
  const api = await startTestApi({ logger: createLogger('api', 'trace', stream) });
  const secrets = [WEBHOOK_SECRET, api.key];
  try {
    const made = await api.post('/v1/api-keys', { name: 'robot', role: 'member' });
    const enrolmentKey = await api.post('/v1/enrolment-keys', { name: 'lab' });
    const bearer = { authorization: `Bearer ${enrolmentKey.body.key}` };
    const request = { ...DEVICE, name: 'board', installationId: randomUUID() };
    const enrolled = await api.post('/v1/enrolments', request, bearer);
    secrets.push(made.body.key, enrolmentKey.body.key, enrolled.body.apiKey);

    // Refused, and failing inside the service with the secrets at hand.
    const { devices, apiKeys } = api.service;
    devices.create = (_actor, given) => Promise.reject(new Error(`cannot store ${JSON.stringify(given)}`));
    const labels = { webhookSecret: made.body.key };
    expect((await api.post('/v1/devices', { ...DEVICE, name: 'd', labels })).status).toBe(500);
    expect((await api.post('/v1/devices', { webhookSecret: WEBHOOK_SECRET })).status).toBe(400);
    const identify = apiKeys.identify.bind(apiKeys);
    apiKeys.identify = (secret) => Promise.reject(new Error(`the database does not know ${secret}`));
    expect((await api.get('/v1/jobs')).status).toBe(500);
    apiKeys.identify = identify;
    // No route takes a key there: it is refused, and not noted.
    expect((await api.get(`/v1/jobs?key=${made.body.key}`)).status).toBe(400);
  } finally {
    await api.close();
  }
  expect(log.split('\n').filter((line) => line.includes('a request failed'))).toHaveLength(2);
  for (const secret of secrets) expect(log).not.toContain(secret);
});
