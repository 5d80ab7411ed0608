import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { Webhook as Verifier } from 'standardwebhooks';
import { Webhook, type NewWebhook } from '#contracts';
import { transition } from '#jobs';
import { storedRegistry } from '#testkit';
import { expectProblem, startTestApi, type Answer, type TestApi } from '../testing/test-api.js';
import { deliverDue } from './deliver-due.fixture.js';
import { openWebhooks } from './open-webhooks.js';
import { answers, Receiver } from './receiver.fixture.js';

let api: TestApi;
let receiver: Receiver;
beforeAll(async () => {
  [api, receiver] = [await startTestApi(), await Receiver.open()];
});
afterAll(async () => {
  receiver.close();
  await api.close();
});

async function send(method: string, path: string, body?: unknown, headers = {}): Promise<Answer<any>> {
  const response = await api.fetch(path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? '' : JSON.parse(text) };
}
const create = async (request: object = {}): Promise<NewWebhook> => {
  const answer = await api.post<NewWebhook>('/v1/webhooks', { url: receiver.url, ...request });
  expect(answer.status).toBe(201);
  return answer.body;
};
const webhooks = () =>
  openWebhooks(api.store.storage, { allowPrivateAddresses: true, logger: pino({ level: 'silent' }) });

test('tells the secret of a new webhook once', async () => {
  const answer = await api.post<NewWebhook>('/v1/webhooks', { url: receiver.url, description: 'builds' });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { secret, ...webhook } = answer.body;
  expect(answer.headers.get('location')).toBe(`/v1/webhooks/${webhook.id}`);
  expect(Buffer.from(secret.replace(/^whsec_/, ''), 'base64')).toHaveLength(32);
  expect(webhook).toMatchObject({ events: 'all', state: 'enabled', description: 'builds', revision: 1 });
  const read = await api.get(`/v1/webhooks/${webhook.id}`);
  expect(read.body).toEqual(webhook);
  expect(Webhook.strict().parse(read.body)).toEqual(webhook);
  const listed = await api.get('/v1/webhooks?limit=1');
  expect(listed.body.items).toEqual([webhook]);
});

test.each([
  [{ url: 'ftp://example.com' }, 'url', 'an https URL, or an http URL of a private address'],
  [{ url: 'hook' }, 'url', 'a URL, such as https://ci.example.com/hook'],
  [
    { url: 'http://169.254.169.254/' },
    'url',
    'a public address over https, or a private one, never a link-local one',
  ],
  [
    { url: 'https://a.example', events: ['job.queued'] },
    'events[0]',
    expect.stringContaining('"job.running"'),
  ],
  [{ url: 'https://a.example', events: [] }, 'events', expect.any(String)],
  [{ url: 'https://a.example', secret: 'mine' }, 'secret', 'no field of this name'],
  [{}, 'url', expect.any(String)],
])('refuses %j', async (body, field, expected) => {
  const problem = expectProblem(await api.post('/v1/webhooks', body), 400, 'invalid_request');
  expect(problem.errors).toContainEqual(expect.objectContaining({ field, expected }));
});

test('changes what is named, and nothing else', async () => {
  const { id } = await create({ description: 'old' });
  const { body: webhook } = await api.get<Webhook>(`/v1/webhooks/${id}`);
  const changed = await send('PATCH', `/v1/webhooks/${id}`, { events: ['job.failed'] });
  expect(changed.status).toBe(200);
  const { updatedAt } = changed.body;
  expect(changed.body).toEqual({ ...webhook, events: ['job.failed'], revision: 2, updatedAt });
  const bare = await send('PATCH', `/v1/webhooks/${id}`, { description: null, state: 'disabled' });
  expect(bare.body).toMatchObject({ events: ['job.failed'], disabledReason: 'requested', revision: 3 });
  expect(bare.body).not.toHaveProperty('description');
  const enabled = await send('PATCH', `/v1/webhooks/${id}`, { state: 'enabled' });
  expect(enabled.body).not.toHaveProperty('disabledAt');
  expectProblem(await send('PATCH', `/v1/webhooks/${id}`, {}), 400, 'invalid_request');
  expectProblem(
    await send('PATCH', `/v1/webhooks/${id}`, { url: 'https://0.0.0.0' }),
    400,
    'invalid_request',
  );
  expectProblem(await send('PATCH', `/v1/webhooks/${randomUUID()}`, { events: 'all' }), 404, 'not_found');
});

test('changes and deletes the revision that is meant alone', async () => {
  const { id } = await create();
  const path = `/v1/webhooks/${id}`;
  const etag = (await api.get(path)).headers.get('etag')!;
  expect((await api.get(path, { 'if-none-match': etag })).status).toBe(304);
  const change = (description: string, match: string) =>
    send('PATCH', path, { description }, { 'if-match': match });
  const changed = await change('first', etag);
  expect(changed.status).toBe(200);
  const mismatch = expectProblem(await change('second', etag), 412, 'precondition_failed');
  expect(mismatch.errors?.[0]).toMatchObject({ field: 'If-Match', value: etag });
  expectProblem(await change('second', `W/${changed.headers.get('etag')}`), 412, 'precondition_failed');
  expectProblem(await change('second', 'newest'), 400, 'invalid_request');
  expect((await api.get(path)).body.description).toBe('first');
  expectProblem(await send('DELETE', path, undefined, { 'if-match': etag }), 412, 'precondition_failed');
  const match = `${etag}, ${changed.headers.get('etag')}`;
  expect((await send('DELETE', path, undefined, { 'if-match': match })).status).toBe(204);
  expectProblem(await api.get(path), 404, 'not_found');
  expectProblem(await send('DELETE', path), 404, 'not_found');
});

test('tells what the receiver says to a test', async () => {
  const { id, secret } = await create();
  receiver.reply = answers(200, 'thanks');
  const good = await send('POST', `/v1/webhooks/${id}/test`);
  expect(good.status).toBe(200);
  expect(good.body).toEqual({
    ...{ succeeded: true, status: 200, responseExcerpt: 'thanks', durationMs: expect.any(Number) },
  });
  const { body, headers } = receiver.received.at(-1)!;
  expect(new Verifier(secret).verify(body, headers)).toMatchObject({
    ...{ type: 'webhook.test', data: { webhookId: id } },
  });
  receiver.reply = answers(401, 'who are you?');
  const bad = await send('POST', `/v1/webhooks/${id}/test`, {});
  expect(bad.body).toMatchObject({ succeeded: false, status: 401, responseExcerpt: 'who are you?' });
  expect((await api.get(`/v1/webhooks/${id}/deliveries`)).body.items).toEqual([]);
  expectProblem(await send('POST', `/v1/webhooks/${randomUUID()}/test`), 404, 'not_found');
});

test('gives another secret, with an overlap', async () => {
  const { id, secret } = await create();
  const rotated = await send('POST', `/v1/webhooks/${id}/rotate-secret`);
  expect([rotated.status, rotated.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(rotated.body.secret).not.toBe(secret);
  const until = Date.parse(rotated.body.previousSecretExpiresAt) - Date.parse(rotated.body.updatedAt);
  expect(until).toBe(24 * 3_600_000);
  expect((await api.get(`/v1/webhooks/${id}`)).body).not.toHaveProperty('secret');
  const short = await send('POST', `/v1/webhooks/${id}/rotate-secret`, { previousValidHours: 0 });
  expect(short.body.previousSecretExpiresAt).toBe(short.body.updatedAt);
  const problem = await send('POST', `/v1/webhooks/${id}/rotate-secret`, { previousValidHours: 1000 });
  expectProblem(problem, 400, 'invalid_request');
});

test('lists deliveries page by page and by state, and delivers one again', async () => {
  const { id } = await create();
  for (let i = 0; i < 3; i++) {
    const { jobId } = await storedRegistry(api.store.storage).newJob(api.store.actor);
    const begun = { type: 'begun', stage: 'train', generation: 0 } as const;
    await api.store.storage.jobs.update(jobId, (job) => transition(job, begun, new Date(1e12 + i)));
  }
  receiver.reply = answers(200);
  await deliverDue(webhooks().deliverer);
  const path = `/v1/webhooks/${id}/deliveries`;
  const first = await api.get(`${path}?limit=2`);
  const rest = await api.get(`${path}?limit=2&cursor=${first.body.nextCursor}`);
  const all = [...first.body.items, ...rest.body.items];
  expect(all).toHaveLength(3);
  expect(all[0]).toMatchObject({ webhookId: id, type: 'job.running', state: 'succeeded', attempts: 1 });
  const again = await send('POST', `${path}/${all[0].id}/redeliver`);
  expect([again.status, again.body.state]).toEqual([202, 'pending']);
  expect((await api.get(`${path}?state=pending`)).body.items).toEqual([again.body]);
  expectProblem(await api.get(`${path}?state=lost`), 400, 'invalid_request');
  expectProblem(await send('POST', `${path}/${randomUUID()}/redeliver`), 404, 'not_found');
  expectProblem(await send('POST', `${path}/1/redeliver`), 404, 'not_found');
  expectProblem(await api.get(`/v1/webhooks/${randomUUID()}/deliveries`), 404, 'not_found');
});

test('is nothing to another team', async () => {
  const { id } = await create();
  const { service } = webhooks();
  const { stranger } = api.store;
  const unknown = { code: 'not_found' };
  expect((await service.list(stranger, { limit: 5 })).items).toEqual([]);
  await expect(service.get(stranger, id)).rejects.toMatchObject(unknown);
  await expect(service.update(stranger, id, { events: 'all' })).rejects.toMatchObject(unknown);
  await expect(service.delete(stranger, id)).rejects.toMatchObject(unknown);
  await expect(service.rotateSecret(stranger, id, { previousValidHours: 1 })).rejects.toMatchObject(unknown);
  await expect(service.test(stranger, id)).rejects.toMatchObject(unknown);
  await expect(service.deliveries(stranger, id, { limit: 5 })).rejects.toMatchObject(unknown);
  await expect(service.redeliver(stranger, id, randomUUID())).rejects.toMatchObject(unknown);
});
