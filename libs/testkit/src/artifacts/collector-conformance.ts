import { randomBytes } from 'node:crypto';
import { AppError, type Actor } from '#contracts';
import { openStorage, type Storage } from '#storage';
import { aDraftOf, aModel, aModelVersion } from '../registry/registry-fixtures.js';
import { testStorage, type TestStorage } from '../test-storage.js';
import { completeUpload } from './complete-upload.js';
import { REFERRING_RESOURCES } from './referring-resources.js';

const LATER = () => new Date(Date.now() + 60_000);

/** What collecting promises over any artifact store. `open` gives the URL of an empty one. */
export function collectorConformance(
  name: string,
  open: () => Promise<{ url: string; close(): Promise<void> }>,
): void {
  describe(`collecting what nothing refers to, with ${name}`, () => {
    let artifacts: Awaited<ReturnType<typeof open>>;
    let store: TestStorage;
    /** As another process has it. */
    let other: Storage;
    let actor: Actor;
    beforeEach(async () => {
      artifacts = await open();
      store = await testStorage({ artifactsUrl: artifacts.url });
      const { databaseUrl } = store;
      other = await openStorage({ databaseUrl, artifactsUrl: artifacts.url, onError: () => {} });
      ({ actor } = store);
      await store.storage.models.createModel(aModel(actor));
    });
    afterEach(async () => {
      await other.close();
      await store.close();
      await artifacts.close();
    });

    const collect = (options: { now?: Date; graceMs?: number; dryRun?: boolean } = {}) =>
      other.artifactCollector.collect({ now: LATER(), graceMs: 0, ...options });
    const isThere = async (digest: string) => (await other.artifacts.find(digest)) !== undefined;
    const put = async (storage = store.storage) => storage.artifacts.putBytes(randomBytes(40));

    const refer = (storage: Storage, file: { digest: string; bytes: number }) =>
      completeUpload(storage, actor, file);
    const publish = async (storage: Storage, bundle: { digest: string; bytes: number }) => {
      const build = (version: number) => {
        const bare = aModelVersion(actor, {}, { version, source: 'upload', training: undefined });
        return { ...bare, bundle: { ...bundle, url: bare.bundle.url } };
      };
      return storage.models.publish({ ...aDraftOf(actor, build), digest: bundle.digest, build });
    };

    test('removes what is not referred to, once it is older than the grace', async () => {
      const { digest, bytes } = await put();
      expect(await collect({ graceMs: 3_600_000 })).toEqual({ references: 0, files: 0, bytes: 0 });
      expect(await collect({ dryRun: true })).toEqual({ references: 0, files: 1, bytes });
      expect(await isThere(digest)).toBe(true);
      expect(await collect()).toEqual({ references: 0, files: 1, bytes });
      expect(await isThere(digest)).toBe(false);
    });

    // One kind in each test, so that nothing else keeps its file.
    test.each(REFERRING_RESOURCES)('leaves the file of %s', async (_, refersTo) => {
      const digest = await refersTo(store.storage, actor);
      expect(await collect({ dryRun: true })).toEqual({ references: 0, files: 0, bytes: 0 });
      expect(await collect()).toEqual({ references: 0, files: 0, bytes: 0 });
      expect(await isThere(digest)).toBe(true);
      expect(await store.storage.artifactRecords.find(actor, digest)).toMatchObject({ digest });
    });

    test('leaves a deleted version its bundle until it is purged', async () => {
      const bundle = await put();
      const uploadId = await refer(store.storage, bundle);
      await publish(store.storage, bundle);
      await store.storage.uploads.remove(actor, uploadId);
      const deletedAt = new Date().toISOString();
      await store.storage.models.updateVersion(actor, { name: 'digits', version: 1 }, (before) => ({
        ...{ ...before, deletedAt, deletedBy: 'ada' },
      }));
      expect((await collect()).files).toBe(0);
      await store.storage.models.purge({ deletedBefore: LATER(), limit: 9 });
      expect(await collect({ dryRun: true })).toMatchObject({ references: 1, files: 1 });
      expect(await collect()).toMatchObject({ references: 1, files: 1 });
      expect(await isThere(bundle.digest)).toBe(false);
      expect(await store.storage.artifactRecords.find(actor, bundle.digest)).toBeUndefined();
    });

    test('leaves a file that another team still refers to', async () => {
      const bundle = await put();
      const mine = await refer(store.storage, bundle);
      await completeUpload(store.storage, store.stranger, bundle);
      await store.storage.uploads.remove(actor, mine);
      expect(await collect()).toMatchObject({ references: 1, files: 0 });
      expect(await isThere(bundle.digest)).toBe(true);
    });

    test('who put a file that is removed before anything refers to it is told to put it again', async () => {
      const content = randomBytes(40);
      const file = await store.storage.artifacts.putBytes(content);
      await collect();
      await expect(refer(store.storage, file)).rejects.toMatchObject({ code: 'unavailable', retry: true });
      await store.storage.artifacts.putBytes(content);
      await refer(store.storage, file);
      expect((await collect()).files).toBe(0);
      expect(await isThere(file.digest)).toBe(true);
    });

    test('several collect, while others publish the same few bundles again and again: no version lacks its file', async () => {
      const contents = Array.from({ length: 4 }, () => randomBytes(40));
      let ended = false;
      const collecting = [store.storage, other].map(async ({ artifactCollector }) => {
        let removed = 0;
        while (!ended) removed += (await artifactCollector.collect({ now: LATER(), graceMs: 0 })).files;
        return removed;
      });
      const publishing = [store.storage, other, store.storage].map(async (storage, who) => {
        for (let round = 0; round < 12; round++) {
          const file = contents[(round + who) % contents.length]!;
          await untilDone(async () => {
            const stored = await storage.artifacts.putBytes(file);
            const uploadId = await refer(storage, stored);
            const { version } = await publish(storage, stored);
            // Its file is there, or somebody else has had the version purged.
            const place = ['digits', version.version] as const;
            if (!(await isThere(stored.digest)))
              expect(await storage.models.findVersion(actor, ...place)).toBeUndefined();
            await storage.uploads.remove(actor, uploadId).catch(unless('not_found'));
            if (round % 3 !== 2) await erase(storage, version.version);
          });
        }
      });
      await Promise.all(publishing);
      ended = true;
      const removed = (await Promise.all(collecting)).reduce((sum, each) => sum + each, 0);
      expect(removed).toBeGreaterThan(0);
      const { items } = await store.storage.models.listVersions(actor, 'digits', { limit: 99 });
      for (const { bundle } of items) await store.storage.artifacts.verify(bundle.digest);
    });

    /** Deletes a version and has it purged at once, whoever else has done so. */
    async function erase(storage: Storage, version: number): Promise<void> {
      const deletedAt = new Date(0).toISOString();
      const deleted = storage.models.updateVersion(actor, { name: 'digits', version }, (before) => ({
        ...{ ...before, deletedAt, deletedBy: 'ada' },
      }));
      await deleted.catch(unless('not_found'));
      await storage.models.purge({ deletedBefore: new Date(1), limit: 9 });
    }
  });
}

/** A removal may come in between, and then all begins anew. */
async function untilDone(work: () => Promise<void>): Promise<void> {
  for (let left = 50; left > 0; left--) {
    try {
      return await work();
    } catch (error) {
      unless('unavailable', 'invalid_request', 'not_found')(error);
    }
  }
  throw new Error('there was a removal in between every time');
}

function unless(...codes: AppError['code'][]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof AppError && codes.includes(error.code))) throw error;
  };
}
