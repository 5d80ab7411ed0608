import { readFile, rm, writeFile } from 'node:fs/promises';
import { exportSubnet, readBundle } from '#bundle';
import type { SubnetOrder } from '#registry';
import { publishBundle, testStorage, TYPESCRIPT_NODE_OPTIONS, type TestStorage } from '#testkit';
import { StoredExports } from './stored-exports.js';

const TARGET = { format: 'onnx', batch: 4, batchNorm: 'folded' } as const;

let store: TestStorage;
let exports: StoredExports;
let order: SubnetOrder;
beforeAll(async () => {
  store = await testStorage();
  exports = new StoredExports(store.storage.artifacts, [TYPESCRIPT_NODE_OPTIONS]);
  const { model, version, bundle } = (await publishBundle(store.storage, store.actor)).version;
  order = { model, version, ratio: 0.5, bundle: bundle.digest, target: TARGET };
});
afterAll(async () => {
  await exports.close();
  await store.close();
});

test('a file is that of the export, made once for all who ask at once', async () => {
  const { artifacts } = store.storage;
  let written = 0;
  const putStream = artifacts.putStream.bind(artifacts);
  artifacts.putStream = (content) => {
    written++;
    return putStream(content);
  };
  const all = await Promise.all(Array.from({ length: 5 }, () => exports.export(order)));
  expect(new Set(all).size).toBe(1);
  expect(await exports.export({ ...order })).toEqual(all[0]);
  expect(written).toBe(1);
  const { model, version } = order;
  const bundle = readBundle(await artifacts.read(order.bundle));
  const [file] = exportSubnet(bundle, 0.5, TARGET, { model, version: String(version) }).files;
  expect(Buffer.from(await artifacts.read(all[0]!.digest)).equals(file!.bytes)).toBe(true);
});

test('a file that is gone is made again, to the same bytes', async () => {
  const { digest } = await exports.export(order);
  await rm(store.artifactFile(digest));
  expect(await exports.export(order)).toMatchObject({ digest });
  expect(await store.storage.artifacts.find(digest)).toMatchObject({ digest });
});

test('other options are other files, but for those that a format does not know', async () => {
  const digestOf = async (target: Partial<SubnetOrder['target']>) =>
    (await exports.export({ ...order, target: { ...TARGET, ...target } })).digest;
  const digests = [
    await digestOf({}),
    await digestOf({ batch: 'dynamic' }),
    await digestOf({ batchNorm: 'kept' }),
    await digestOf({ format: 'tfjs' }),
  ];
  expect(new Set(digests).size).toBe(4);
  expect(await digestOf({ format: 'tfjs', batch: 'dynamic' })).toBe(digests[3]);
});

test('a bundle that was damaged is told as such, and the next order is filled', async () => {
  const { version } = await publishBundle(store.storage, store.actor, [0, 0.25]);
  const file = store.artifactFile(version.bundle.digest);
  const whole = await readFile(file);
  const damaged = Buffer.from(whole);
  damaged[damaged.length - 1]! ^= 1;
  const ofVersion = { ...order, model: version.model, ratio: 0.25, bundle: version.bundle.digest };
  await writeFile(file, damaged);
  await expect(exports.export(ofVersion)).rejects.toMatchObject({ code: 'artifact_corrupt' });
  await expect(exports.export({ ...ofVersion, bundle: 'f'.repeat(64) })).rejects.toMatchObject({
    code: 'not_found',
  });
  await writeFile(file, whole);
  expect(await exports.export(ofVersion)).toMatchObject({ digest: expect.any(String) });
});
