import { randomUUID } from 'node:crypto';
import { newAudit, type EnrolmentKey } from '#contracts';
import { aDevice, testStorage, type TestStorage } from '#testkit';

let store: TestStorage;
beforeEach(async () => void (store = await testStorage()));
afterEach(() => store.close());

const aKey = (changes: Partial<EnrolmentKey> = {}): EnrolmentKey => {
  const audit = newAudit(store.actor, randomUUID(), new Date());
  return { ...audit, name: 'lab', prefix: 'isochron_ek_abc', uses: 0, ...changes };
};

test('shows keys to their team alone, and finds them by digest for any', async () => {
  const { enrolments } = store.storage;
  const key = aKey({ expiresAt: '2040-01-01T00:00:00.000Z', maxUses: 5 });
  await enrolments.createKey(key, 'digest');
  expect(await enrolments.findKey(store.actor, key.id)).toEqual(key);
  expect(await enrolments.findKey(store.stranger, key.id)).toBeUndefined();
  expect((await enrolments.listKeys(store.stranger, { limit: 5 })).items).toEqual([]);
  expect(await enrolments.deleteKey(store.stranger, key.id)).toBe(false);
  expect(await enrolments.findKeyByDigest('digest')).toEqual(key);
  expect(await enrolments.findKeyByDigest('another')).toBeUndefined();
});

test('finds a device for the installation and the team that registered it', async () => {
  const { enrolments } = store.storage;
  const key = aKey();
  await enrolments.createKey(key, 'digest');
  const device = aDevice(store.actor);
  const installationId = randomUUID();
  await enrolments.enrol({ keyId: key.id, device, installationId, now: new Date() });
  expect(await enrolments.findDevice(store.actor, device.name, installationId)).toEqual(device);
  expect(await enrolments.findDevice(store.actor, device.name, randomUUID())).toBeUndefined();
  expect(await enrolments.findDevice(store.stranger, device.name, installationId)).toBeUndefined();
  expect((await enrolments.findKey(store.actor, key.id))!.uses).toBe(1);
});

test('counts no use where the device is not stored, and stores none where the key does not allow it', async () => {
  const { enrolments, devices } = store.storage;
  const key = aKey({ maxUses: 1 });
  await enrolments.createKey(key, 'digest');
  const taken = aDevice(store.actor);
  await devices.create(taken);
  const enrol = (device = aDevice(store.actor), now = new Date()) =>
    enrolments.enrol({ keyId: key.id, device, installationId: randomUUID(), now });
  await expect(enrol(aDevice(store.actor, { name: taken.name }))).rejects.toMatchObject({
    code: 'already_exists',
  });
  expect((await enrolments.findKey(store.actor, key.id))!.uses).toBe(0);
  await enrol();
  const late = aDevice(store.actor);
  await expect(enrol(late)).rejects.toMatchObject({ code: 'enrolment_refused' });
  expect(await devices.find(store.actor, late.id)).toBeUndefined();
});
