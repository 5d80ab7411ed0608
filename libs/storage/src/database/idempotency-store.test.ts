import { testStorage, waitUntil, type TestStorage } from '#testkit';
import { openStorage } from '../storage.js';
import type { HeldKey, IdempotencyStore, StoredAnswer } from './idempotency-store.js';

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

async function begun(key = 'key', digest = 'digest', by = store): Promise<HeldKey> {
  const request = await by.begin(kept.actor, key, digest);
  if (request.state !== 'begun') throw new Error('expected to begin');
  return request.held;
}

const age = (interval: string) =>
  kept.query(
    `UPDATE "IdempotencyKey" SET "createdAt" = "createdAt" - $1::interval, "leaseExpiresAt" = "leaseExpiresAt" - $1::interval`,
    [interval],
  );

/** Begins the request in a process that dies then. */
async function begunAndDied(): Promise<HeldKey> {
  const dying = await openStorage({ ...kept, onError: () => {} });
  const held = await begun('key', 'digest', dying.idempotency);
  await dying.close();
  return held;
}

test('gives the answer of the first request to the same request', async () => {
  await store.finish(await begun(), ANSWER);
  expect(await store.begin(kept.actor, 'key', 'digest')).toEqual({ state: 'answered', answer: ANSWER });
});

test('gives it byte for byte: its fields keep their order', async () => {
  const body = { zone: 'a', id: '1', list: [{ to: 2, from: 1 }] };
  await store.finish(await begun(), { ...ANSWER, body });
  const again = await store.begin(kept.actor, 'key', 'digest');
  expect(again.state === 'answered' && JSON.stringify(again.answer.body)).toBe(JSON.stringify(body));
});

test('gives an answer that was kept before fields kept their order', async () => {
  await store.finish(await begun(), ANSWER);
  await kept.query(`UPDATE "IdempotencyKey" SET answer = $1::jsonb`, [JSON.stringify(ANSWER)]);
  expect(await store.begin(kept.actor, 'key', 'digest')).toEqual({ state: 'answered', answer: ANSWER });
});

test('refuses a key that another request used', async () => {
  await store.finish(await begun(), ANSWER);
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
  await store.abandon(await begun());
  await begun('key', 'mended');
});

test('the keys of teams have nothing to do with each other', async () => {
  await begun();
  expect(await store.begin(kept.stranger, 'key', 'another')).toMatchObject({ state: 'begun' });
});

test('a request whose process died can be taken over, for the same resource, and the late one changes nothing', async () => {
  const late = await begunAndDied();
  await expect(begun()).rejects.toMatchObject({ code: 'request_in_progress' });
  await age('6 seconds');
  const held = await begun();
  expect([held.resourceId, held.isRepeated, late.isRepeated]).toEqual([late.resourceId, true, false]);
  await store.finish(late, { ...ANSWER, status: 500 });
  await store.abandon(late);
  await store.release(late);
  await expect(begun()).rejects.toMatchObject({ code: 'request_in_progress' });
  await store.finish(held, ANSWER);
  expect(await store.begin(kept.actor, 'key', 'digest')).toEqual({ state: 'answered', answer: ANSWER });
});

test('a request that takes its time is not taken over', async () => {
  await begun();
  await age('6 seconds');
  const left = `SELECT 1 FROM "IdempotencyKey" WHERE "leaseExpiresAt" > now()`;
  await waitUntil('the lease to be renewed', async () => (await kept.query(left)).length > 0);
  await expect(begun()).rejects.toMatchObject({ code: 'request_in_progress' });
});

test('a request that ended nobody knows how can be sent again at once, for the same resource, and no other', async () => {
  const first = await begun();
  await store.release(first);
  await expect(begun('key', 'another')).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  expect(await begun()).toMatchObject({ resourceId: first.resourceId, isRepeated: true });
});

test('forgets keys after a day', async () => {
  await store.finish(await begun(), ANSWER);
  await age('25 hours');
  expect(await begun('key', 'another')).toMatchObject({ isRepeated: false });
});
