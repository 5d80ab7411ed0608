import { randomBytes, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { newAudit } from '#contracts';
import { testStorage, type TestStorage } from '#testkit';
import { Housekeeping } from './housekeeping.js';

const DAY_MS = 24 * 3_600_000;

let store: TestStorage;
let errors: unknown[];
beforeEach(async () => {
  store = await testStorage();
  errors = [];
});
afterEach(() => store.close());

const keepHouse = (daysOn: number) => {
  const { storage } = store;
  const now = () => new Date(Date.now() + daysOn * DAY_MS);
  const onError = (error: unknown) => errors.push(error);
  return new Housekeeping({ storage, retentionMs: 30 * DAY_MS, graceMs: DAY_MS / 2, now, onError }).run();
};

const beginUpload = async () => {
  const audit = newAudit(store.actor, randomUUID(), new Date());
  const upload = { digest: randomBytes(32).toString('hex'), bytes: 9, offset: 0, complete: false };
  return (await store.storage.uploads.begin({ ...audit, ...upload, expiresAt: audit.createdAt })).upload.id;
};

const putPart = async (uploadId: string) => {
  const file = path.join(store.folder, 'part');
  await writeFile(file, 'part');
  await store.storage.objectFiles.put(`uploads/${uploadId}/0-part`, file);
};

test('an abandoned upload goes after a day, with its parts; one that is under way stays', async () => {
  const id = await beginUpload();
  await putPart(id);
  await putPart(randomUUID()); // of an upload that is no more
  await keepHouse(0.9);
  const keys = async () => (await store.storage.objectFiles.list('uploads/')).map(({ key }) => key);
  expect(await keys()).toEqual([`uploads/${id}/0-part`]);
  expect(await store.storage.uploads.find(store.actor, id)).toBeDefined();
  await keepHouse(1.1);
  expect(await store.storage.uploads.find(store.actor, id)).toBeUndefined();
  expect(await keys()).toEqual([]);
  expect(errors).toEqual([]);
});

test('files that nothing refers to go after the grace', async () => {
  const { digest } = await store.storage.artifacts.putBytes(randomBytes(10));
  await keepHouse(0.4);
  expect(await store.storage.artifacts.find(digest)).toBeDefined();
  await keepHouse(0.6);
  expect(await store.storage.artifacts.find(digest)).toBeUndefined();
});

test('deleted models go after the retention', async () => {
  const { models } = store.storage;
  const model = {
    ...newAudit(store.actor, randomUUID(), new Date()),
    name: 'digits',
    description: '',
    tags: {},
  };
  await models.createModel(model);
  await models.updateModel(store.actor, 'digits', (before) => ({
    ...{ ...before, deletedAt: new Date().toISOString(), deletedBy: 'ada' },
  }));
  const listed = async () => (await models.listModels(store.actor, { limit: 9, includeDeleted: true })).items;
  await keepHouse(29);
  expect(await listed()).toHaveLength(1);
  await keepHouse(31);
  expect(await listed()).toEqual([]);
});

test('a step that fails is told, and keeps no other from being done', async () => {
  const { digest } = await store.storage.artifacts.putBytes(randomBytes(10));
  const { models } = store.storage;
  models.purge = () => Promise.reject(new Error('locked'));
  await keepHouse(1);
  expect(errors).toEqual([new Error('locked')]);
  expect(await store.storage.artifacts.find(digest)).toBeUndefined();
});
