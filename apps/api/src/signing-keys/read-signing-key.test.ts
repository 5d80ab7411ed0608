import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { readSigningKey } from './read-signing-key.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => void (folder = await temporaryFolder('signing-key')));
afterAll(() => folder.remove());

const inFolder = async (content: string): Promise<string> => {
  const file = path.join(folder.path, 'key.pem');
  await writeFile(file, content);
  return file;
};

test('a PEM file of an Ed25519 private key is taken as it is', async () => {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  expect(await readSigningKey(await inFolder(pem))).toBe(pem);
  expect(await readSigningKey(undefined)).toBeUndefined();
});

test('what is no such file keeps the service from starting, and is named', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const pem = rsa.export({ format: 'pem', type: 'pkcs8' }) as string;
  const expected = 'expected a PEM file of an Ed25519 private key';
  await expect(readSigningKey(await inFolder(pem))).rejects.toThrow('got rsa');
  await expect(readSigningKey(await inFolder('secret'))).rejects.toThrow(expected);
  const missing = path.join(folder.path, 'missing.pem');
  await expect(readSigningKey(missing)).rejects.toThrow(`SIGNING_KEY="${missing}": ${expected}: ENOENT`);
});
