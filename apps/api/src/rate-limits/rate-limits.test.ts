import { hasRedisServer, testRedis, type TestRedis } from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';
import { openRateLimiter, type RateLimiter } from './rate-limiter.js';

const PER_MINUTE = 3;
const onError = () => {};

describe('the API', () => {
  let api: TestApi;
  beforeEach(async () => {
    const rateLimiter = openRateLimiter({ perMinute: PER_MINUTE, onError });
    api = await startTestApi({ rateLimiter });
  });
  afterEach(() => api.close());

  const useUp = async (ask: () => Promise<{ status: number }>) => {
    for (let n = 0; n < PER_MINUTE; n++) expect((await ask()).status).not.toBe(429);
  };

  test('answers so many requests of a key in a minute, then says when to try again', async () => {
    await useUp(() => api.get('/v1/jobs'));
    const answer = await api.get('/v1/jobs');
    const problem = expectProblem(answer, 429, 'rate_limited');
    expect(problem.detail).toMatch(/^more than 3 requests in a minute: try again in \d+ s$/);
    const seconds = Number(answer.headers.get('retry-after'));
    expect(seconds > 0 && seconds <= 60).toBe(true);
    expect(answer.headers.get('ratelimit-policy')).toBe('"minute";q=3;w=60');
    expect(answer.headers.get('ratelimit')).toBe(`"minute";r=0;t=${seconds}`);
    const other = await api.keyOf(api.store.actor, 'viewer');
    const free = await api.get('/v1/jobs', { authorization: `Bearer ${other}` });
    expect([free.status, free.headers.get('ratelimit')]).toEqual([200, expect.stringContaining('r=2')]);
  });

  test('counts requests without a key that is accepted by their address, and refuses no watcher', async () => {
    const wrong = { authorization: `Bearer iso_${'x'.repeat(32)}` };
    await useUp(() => api.get('/v1/jobs', wrong));
    expect((await fetch(`${api.url}/openapi.json`)).status).toBe(429);
    expect((await api.get('/v1/jobs')).status).toBe(200);
    expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
  });

  test('believes a proxy that it is told of, and nobody else, whose address a request is from', async () => {
    const from = (address: string) =>
      fetch(`${api.url}/openapi.json`, { headers: { 'x-forwarded-for': address } });
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) await from(address);
    expect((await from('192.0.2.4')).status).toBe(429);
    const behind = await startTestApi({
      rateLimiter: openRateLimiter({ perMinute: 1, onError }),
      trustedProxies: 'loopback',
    });
    try {
      const statuses: number[] = [];
      for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) {
        const headers = { 'x-forwarded-for': address };
        statuses.push((await fetch(`${behind.url}/openapi.json`, { headers })).status);
      }
      expect(statuses).toEqual([200, 200, 429]);
    } finally {
      await behind.close();
    }
  });

  test('refuses before it reads the body', async () => {
    await useUp(() => api.get('/v1/jobs'));
    const init = { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } };
    expect((await api.fetch('/v1/devices', init)).status).toBe(429);
  });
});

(hasRedisServer() ? describe : describe.skip)('counted in Redis', () => {
  let redis: TestRedis;
  const opened: RateLimiter[] = [];
  const open = () => {
    const limiter = openRateLimiter({ perMinute: PER_MINUTE, redisUrl: redis.url, onError });
    opened.push(limiter);
    return limiter;
  };
  beforeAll(async () => void (redis = await testRedis()));
  afterAll(async () => {
    for (const limiter of opened) limiter.close();
    await redis.stop();
  });

  test('several processes count together', async () => {
    const [one, other] = [open(), open()];
    for (const limiter of [one, other, one]) expect((await limiter.take('key 1')).allowed).toBe(true);
    expect(await other.take('key 1')).toMatchObject({ allowed: false, remaining: 0 });
    expect((await other.take('key 2')).remaining).toBe(2);
  });

  test('each counts for itself while Redis is away', async () => {
    const limiter = open();
    await redis.kill();
    for (let n = 0; n < PER_MINUTE; n++) expect((await limiter.take('key 3')).allowed).toBe(true);
    expect((await limiter.take('key 3')).allowed).toBe(false);
  });
});
