import { generateKeyPairSync } from 'node:crypto';
import { SigningKeys } from '#registry';
import { openStorage, type Storage } from '#storage';
import { testStorage, type TestStorage } from '#testkit';

let store: TestStorage;
const others: Storage[] = [];
beforeEach(async () => void (store = await testStorage()));
afterEach(async () => {
  await Promise.all(others.splice(0).map((storage) => storage.close()));
  await store.close();
});

/** Of another process on the same database. */
async function another(ownKey?: string): Promise<SigningKeys> {
  const { databaseUrl, artifactsUrl } = store;
  const storage = await openStorage({ databaseUrl, artifactsUrl, onError: () => {} });
  others.push(storage);
  return new SigningKeys({ keys: storage.signingKeys, ownKey });
}

const kidsOf = async (keys: SigningKeys) => (await keys.keySet()).keys.map(({ kid }) => kid);
const aPem = () =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;

test('processes that ask for the first key at the same time sign with the same one', async () => {
  const processes = await Promise.all([another(), another(), another(), another()]);
  const signers = await Promise.all(processes.flatMap((keys) => [keys.signer(), keys.signer()]));
  expect(new Set(signers.map(({ keyId }) => keyId)).size).toBe(1);
  const signatures = signers.map((signer) => signer.sign(Buffer.from('x')).toString('hex'));
  expect(new Set(signatures).size).toBe(1);
  expect(await kidsOf(processes[0])).toEqual([signers[0]!.keyId]);
});

test('the key set has public halves and nothing else', async () => {
  const keys = await another();
  const { keys: set } = await keys.keySet();
  expect(set).toEqual([
    {
      ...{ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA' },
      ...{ x: expect.stringMatching(/^[\w-]{43}$/), kid: expect.stringMatching(/^[\w-]{43}$/) },
      createdAt: expect.any(String),
    },
  ]);
});

test('after a rotation every process signs with the new key, and the old one is listed as retired', async () => {
  const [one, two] = [await another(), await another()];
  const { keyId: former } = await one.signer();
  const next = await two.rotate('retired');
  expect((await one.signer()).keyId).toBe(next);
  const { keys } = await one.keySet();
  expect(keys.map(({ kid, retiredAt }) => [kid, typeof retiredAt])).toEqual([
    [next, 'undefined'],
    [former, 'string'],
  ]);
});

test('a key that leaked is not listed any more', async () => {
  const keys = await another();
  const { keyId: leaked } = await keys.signer();
  const next = await keys.rotate('forgotten');
  expect(await kidsOf(keys)).toEqual([next]);
  expect(next).not.toBe(leaked);
});

test('rotations at the same time leave one key that signs', async () => {
  const processes = await Promise.all([another(), another(), another()]);
  const made = await Promise.all(processes.map((keys) => keys.rotate('retired')));
  const { keys } = await processes[0].keySet();
  expect(keys.map(({ kid }) => kid).sort()).toEqual([...made].sort());
  const active = keys.filter(({ retiredAt }) => retiredAt === undefined);
  expect(active.map(({ kid }) => kid)).toEqual([(await processes[1].signer()).keyId]);
});

test('a key that is kept elsewhere signs, and only its public half is stored', async () => {
  const own = await another(aPem());
  const [signer, again] = await Promise.all([own.signer(), own.signer()]);
  expect(again.keyId).toBe(signer.keyId);
  expect(await kidsOf(await another())).toContain(signer.keyId);
  const rows = await store.query('SELECT "privateKey" FROM "SigningKey" WHERE "keyId" = $1', [signer.keyId]);
  expect(rows).toEqual([{ privateKey: null }]);
});

test('what is no Ed25519 key is refused at once', () => {
  const pem = generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  const make = () => new SigningKeys({ keys: store.storage.signingKeys, ownKey: pem });
  expect(make).toThrow('expected an Ed25519 private key, got x25519');
});
