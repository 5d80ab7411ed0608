import { randomUUID } from 'node:crypto';
import { newAudit, type Actor, type ApiKey } from '#contracts';
import { aDevice, testStorage, type TestStorage } from '#testkit';

let store: TestStorage;
beforeEach(async () => void (store = await testStorage()));
afterEach(() => store.close());

const aKey = (changes: Partial<ApiKey> = {}, actor: Actor = store.actor): ApiKey => ({
  ...newAudit(actor, randomUUID(), new Date()),
  ...{ name: 'robot', role: 'member', prefix: 'iso_abcdef' },
  ...changes,
});

test('shows keys to their team alone, and finds them by digest for any', async () => {
  const { apiKeys } = store.storage;
  const key = aKey({ expiresAt: '2040-01-01T00:00:00.000Z' });
  await apiKeys.create(key, 'digest');
  expect(await apiKeys.find(store.actor, key.id)).toEqual(key);
  expect(await apiKeys.find(store.stranger, key.id)).toBeUndefined();
  expect((await apiKeys.list(store.stranger, { limit: 5 })).items).toEqual([]);
  expect(await apiKeys.revoke(store.stranger, { keyId: key.id, at: new Date() })).toBe(false);
  expect(await apiKeys.findByDigest('digest')).toEqual(key);
  expect(await apiKeys.findByDigest('another')).toBeUndefined();
});

test('of many first keys that are made at once, one is, and its secret is kept before it is valid', async () => {
  const { apiKeys } = store.storage;
  const kept: string[] = [];
  const tries = Array.from({ length: 8 }, (_, n) =>
    apiKeys.createFirst(aKey({ name: `first-${n}` }), `digest-${n}`, () => void kept.push(`first-${n}`)),
  );
  expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
  const { items } = await apiKeys.list(store.actor, { limit: 50 });
  expect(items.map(({ name }) => name)).toEqual(kept);
  expect(await apiKeys.createFirst(aKey({}, store.stranger), 'late', () => {})).toBe(false);
});

test('a first key whose secret cannot be kept is not made', async () => {
  const { apiKeys } = store.storage;
  const keep = () => Promise.reject(new Error('no space left'));
  await expect(apiKeys.createFirst(aKey(), 'digest', keep)).rejects.toThrow('no space left');
  expect(await apiKeys.findByDigest('digest')).toBeUndefined();
});

test('a new key of an enrolled device revokes the one before, and no key that was made by hand', async () => {
  const { apiKeys, devices } = store.storage;
  const device = aDevice(store.actor);
  await devices.create(device);
  const ofDevice = () => aKey({ role: 'device', deviceId: device.id });
  const [byHand, ...enrolled] = [ofDevice(), ofDevice(), ofDevice(), ofDevice()];
  await apiKeys.create(byHand, 'by hand');
  await Promise.all(enrolled.map((key) => apiKeys.replaceEnrolled(key, key.id)));
  const { items } = await apiKeys.list(store.actor, { limit: 50 });
  const valid = items.filter(({ revokedAt }) => revokedAt === undefined).map(({ id }) => id);
  expect(valid).toHaveLength(2);
  expect(valid).toContain(byHand.id);
});

test('writes uses a minute apart at least', async () => {
  const { apiKeys } = store.storage;
  const key = aKey();
  await apiKeys.create(key, 'digest');
  const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second));
  for (const second of [0, 30, 59]) await apiKeys.noteUse(key.id, at(second));
  expect(await apiKeys.find(store.actor, key.id)).toEqual({ ...key, lastUsedAt: at(0).toISOString() });
  await apiKeys.noteUse(key.id, at(60));
  expect((await apiKeys.find(store.actor, key.id))?.lastUsedAt).toBe(at(60).toISOString());
});
