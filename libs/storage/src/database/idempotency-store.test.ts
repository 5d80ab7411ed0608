import pg from 'pg';
import { testStorage, type TestStorage } from '#testkit';
import type { IdempotencyStore, StoredAnswer } from './idempotency-store.js';

let kept: TestStorage;
let store: IdempotencyStore;
beforeEach(async () => {
  kept = await testStorage();
  store = kept.storage.idempotency;
});
afterEach(() => kept.close());

const ANSWER: StoredAnswer = {
  status: 201,
  headers: { location: '/v1/jobs/1' },
  body: { id: '1', list: [] },
};

async function begun(key = 'key', digest = 'digest'): Promise<string> {
  const request = await store.begin(kept.actor, key, digest);
  if (request.state !== 'begun') throw new Error('expected to begin');
  return request.holder;
}

async function age(interval: string): Promise<void> {
  const client = new pg.Client({ connectionString: kept.databaseUrl });
  await client.connect();
  const sql = `UPDATE "IdempotencyKey" SET "createdAt" = now() - $1::interval, "updatedAt" = now() - $1::interval`;
  await client.query(sql, [interval]);
  await client.end();
}

test('gives the answer of the first request to the same request', async () => {
  await store.finish(kept.actor, 'key', await begun(), ANSWER);
  expect(await store.begin(kept.actor, 'key', 'digest')).toEqual({ state: 'answered', answer: ANSWER });
});

test('refuses a key that another request used', async () => {
  await store.finish(kept.actor, 'key', await begun(), ANSWER);
  await expect(store.begin(kept.actor, 'key', 'another')).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
});

test('of the same request sent several times at once, one is answered and the others are told to wait', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 6 }, () => begun()));
  expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  const refused = tries.find((one) => one.status === 'rejected');
  expect(refused?.reason).toMatchObject({ code: 'request_in_progress', retry: true });
});

test('a request that failed can be sent again', async () => {
  await store.abandon(kept.actor, 'key', await begun());
  await begun('key', 'mended');
});

test('the keys of teams have nothing to do with each other', async () => {
  await begun();
  expect(await store.begin(kept.stranger, 'key', 'another')).toMatchObject({ state: 'begun' });
});

test('a request whose process died can be taken over, and the late one changes nothing', async () => {
  const late = await begun();
  await age('6 minutes');
  const holder = await begun();
  await store.finish(kept.actor, 'key', late, { ...ANSWER, status: 500 });
  await store.abandon(kept.actor, 'key', late);
  await store.finish(kept.actor, 'key', holder, ANSWER);
  expect(await store.begin(kept.actor, 'key', 'digest')).toEqual({ state: 'answered', answer: ANSWER });
});

test('forgets keys after a day', async () => {
  await store.finish(kept.actor, 'key', await begun(), ANSWER);
  await age('25 hours');
  await begun('key', 'another');
});
