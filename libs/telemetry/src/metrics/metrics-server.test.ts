import { Counter, Registry } from 'prom-client';
import { startMetricsServer, type MetricsServer, type MetricsServerOptions } from './metrics-server.js';

const servers: MetricsServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function served(options: Partial<MetricsServerOptions> = {}): Promise<string> {
  const registry = new Registry();
  new Counter({ name: 'things_total', help: 'things', registers: [registry] }).inc(2);
  const server = await startMetricsServer({
    ...{ host: '127.0.0.1', port: 0, registry, token: undefined, onError: () => {} },
    ...options,
  });
  servers.push(server);
  return server.url;
}

test('serves metrics, and that it lives', async () => {
  const url = await served();
  const metrics = await fetch(`${url}/metrics`);
  expect(metrics.status).toBe(200);
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(await metrics.text()).toContain('things_total 2');
  expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ status: 'ok' });
});

test.each([
  ['/other', 'GET', 404],
  ['//', 'GET', 404],
  ['/metrics', 'POST', 405],
])('%s by %s answers %d', async (path, method, status) => {
  expect((await fetch((await served()) + path, { method })).status).toBe(status);
});

const TOKEN = 'a-token-of-some-length';

test.each([
  ['with the token', { authorization: `Bearer ${TOKEN}` }, 200],
  [
    'with the token, from behind a proxy',
    { authorization: `Bearer ${TOKEN}`, 'x-forwarded-for': '8.8.8.8' },
    200,
  ],
  ['with another token', { authorization: 'Bearer another-token-here' }, 401],
  ['without one', {}, 401],
])('where there is a token: %s', async (_case, headers, status) => {
  expect((await fetch(`${await served({ token: TOKEN })}/metrics`, { headers })).status).toBe(status);
});

test('without a token it serves this machine alone, and no proxy on it', async () => {
  const url = await served();
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip']) {
    expect((await fetch(`${url}/metrics`, { headers: { [name]: 'for=8.8.8.8' } })).status).toBe(401);
  }
  expect((await fetch(`${url}/health/live`, { headers: { 'x-forwarded-for': '8.8.8.8' } })).status).toBe(200);
});

test('an error in telling is an answer, and is told', async () => {
  const errors: unknown[] = [];
  const registry = { contentType: 'text/plain', metrics: () => Promise.reject(new Error('hunter2')) };
  const answer = await fetch(
    `${await served({ registry: registry as never, onError: (e) => errors.push(e) })}/metrics`,
  );
  expect([answer.status, await answer.text()]).toEqual([500, 'metrics could not be told\n']);
  expect(errors).toHaveLength(1);
});

test('a port that is taken is an error', async () => {
  const port = Number(new URL(await served()).port);
  await expect(served({ port })).rejects.toThrow('EADDRINUSE');
});
