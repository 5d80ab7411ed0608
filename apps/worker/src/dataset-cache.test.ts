import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { ArtifactStore } from '#storage';
import { temporaryFolder, testS3, testStorage, type TestStorage } from '#testkit';
import { DatasetCache } from './dataset-cache.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let kept: TestStorage;
let store: ArtifactStore;
let opened: string[];
let evictionErrors: unknown[];
beforeAll(async () => {
  kept = await testStorage();
  store = kept.storage.artifacts;
});
afterAll(() => kept.close());
beforeEach(async () => {
  folder = await temporaryFolder('cache');
  opened = [];
  evictionErrors = [];
});
afterEach(() => folder.remove());

const cacheFolder = () => path.join(folder.path, 'cache');
const newTarget = () => path.join(folder.path, randomUUID());
const cached = async () => (await readdir(cacheFolder())).sort();

/** A store that notes what is fetched from it. */
function newCache(maxBytes = 1000, open = store.open.bind(store)): DatasetCache {
  const artifacts = {
    open: (digest: string) => {
      opened.push(digest);
      return open(digest);
    },
  };
  const onEvictionError = (error: unknown) => evictionErrors.push(error);
  return new DatasetCache({ folder: cacheFolder(), maxBytes, artifacts, onEvictionError });
}

async function put(content: string): Promise<string> {
  return (await store.putBytes(new TextEncoder().encode(content))).digest;
}

async function provide(cache: DatasetCache, digest: string): Promise<string> {
  const target = newTarget();
  await cache.provide(digest, target);
  return readFile(target, 'utf8');
}

/** So that the next use is the later one, whatever the clock of the file system. */
async function age(digest: string): Promise<void> {
  const { mtimeMs } = await stat(path.join(cacheFolder(), digest));
  await utimes(path.join(cacheFolder(), digest), mtimeMs / 1000 - 60, mtimeMs / 1000 - 60);
}

test('fetches an artifact once, and has it by its digest from then on', async () => {
  const digest = await put('pixels');
  expect(await provide(newCache(), digest)).toBe('pixels');
  expect(await provide(newCache(), digest)).toBe('pixels');
  expect(opened).toEqual([digest]);
  expect(await cached()).toEqual([digest]);
});

test('two workers at once both get all of it', async () => {
  const content = 'x'.repeat(300_000);
  const digest = await put(content);
  const many = Array.from({ length: 8 }, () => provide(newCache(10 ** 6), digest));
  for (const found of await Promise.all(many)) expect(found).toBe(content);
  expect(await cached()).toEqual([digest]);
});

test('two workers that evict what the other one fetches both get all of it', async () => {
  const digests = await Promise.all(['a', 'b', 'c', 'd'].map((letter) => put(letter.repeat(50_000))));
  const rounds = [...digests, ...digests, ...digests];
  const worker = async () => {
    const cache = newCache(60_000);
    for (const digest of rounds)
      expect(
        createHash('sha256')
          .update(await provide(cache, digest))
          .digest('hex'),
      ).toBe(digest);
  };
  await Promise.all([worker(), worker(), worker()]);
  expect((await cached()).length).toBeLessThanOrEqual(1);
});

test('keeps within its bytes, and what was used last', async () => {
  const cache = newCache(25);
  const [first, second, third] = [await put('first 10 b'), await put('second 10b'), await put('third 10 b')];
  for (const digest of [first, second]) {
    await provide(cache, digest);
    await age(digest);
  }
  await age(second);
  await provide(cache, second);
  await provide(cache, third);
  expect(await cached()).toEqual([second, third].sort());
});

test('hands out what is larger than all of it, and keeps nothing', async () => {
  const digest = await put('more than ten bytes');
  expect(await provide(newCache(10), digest)).toBe('more than ten bytes');
  expect(await cached()).toEqual([]);
});

test('neither counts nor removes what is not its own', async () => {
  await mkdir(cacheFolder(), { recursive: true });
  await writeFile(path.join(cacheFolder(), 'lost+found'), 'larger than the cache may be');
  const digest = await put('ten bytes.');
  await provide(newCache(10), digest);
  expect(await cached()).toEqual([digest, 'lost+found'].sort());
});

test('hands out a file also when it can evict nothing, and evicts what it can', async () => {
  const stuck = path.join(cacheFolder(), 'f'.repeat(64));
  await mkdir(stuck, { recursive: true });
  await utimes(stuck, 1, 1);
  expect(await provide(newCache(5), await put('pixels'))).toBe('pixels');
  expect(evictionErrors).toEqual([expect.objectContaining({ code: 'ERR_FS_EISDIR' })]);
  expect(await cached()).toEqual([path.basename(stuck)]);
});

test('a file in use outlives its eviction', async () => {
  const [used, other] = [await put('in use'), await put('another')];
  const target = newTarget();
  await newCache(10).provide(used, target);
  await age(used);
  await provide(newCache(10), other);
  expect(await cached()).toEqual([other]);
  expect(await readFile(target, 'utf8')).toBe('in use');
});

test('fetches again what was damaged on the disk', async () => {
  const digest = await put('good');
  await provide(newCache(), digest);
  await chmod(path.join(cacheFolder(), digest), 0o644);
  await writeFile(path.join(cacheFolder(), digest), 'goof');
  expect(await provide(newCache(), digest)).toBe('good');
  expect(opened).toEqual([digest, digest]);
});

test('keeps nothing of what arrives damaged, breaks off or does not exist', async () => {
  const digest = await put('good');
  const wrong = newCache(1000, () => Promise.resolve(Readable.from([Buffer.from('goof')])));
  await expect(provide(wrong, digest)).rejects.toMatchObject({ code: 'artifact_corrupt' });
  const breaking = async function* () {
    yield Buffer.from('go');
    await Promise.reject(new Error('the line broke'));
  };
  const broken = newCache(1000, () => Promise.resolve(Readable.from(breaking())));
  await expect(provide(broken, digest)).rejects.toThrow('the line broke');
  await expect(provide(newCache(), '0'.repeat(64))).rejects.toMatchObject({ code: 'not_found' });
  expect(await cached()).toEqual([]);
});

test('sweeps what workers that died were fetching, but not what one fetches now', async () => {
  await mkdir(cacheFolder(), { recursive: true });
  const [stale, fresh] = ['a.fetching', 'b.fetching'].map((name) => path.join(cacheFolder(), name));
  for (const file of [stale!, fresh!]) await writeFile(file, 'part');
  await utimes(stale!, 1, 1);
  const digest = await put('pixels');
  await provide(newCache(), digest);
  expect(await cached()).toEqual([digest, 'b.fetching'].sort());
});

test.each(['../../outside', '', 'A'.repeat(64), `${'0'.repeat(64)}/..`])(
  'what is no digest is not there, and nothing is read or made for it: "%s"',
  async (digest) => {
    await writeFile(path.join(folder.path, 'outside'), 'secret');
    await expect(provide(newCache(), digest)).rejects.toMatchObject({ code: 'not_found' });
    expect(opened).toEqual([]);
    expect(await readdir(folder.path)).toEqual(['outside']);
  },
);

test('fetches from S3 as from a directory', async () => {
  const s3 = await testS3();
  const far = await testStorage({ artifactsUrl: s3.newUrl() });
  try {
    const { artifacts } = far.storage;
    const { digest } = await artifacts.putBytes(new TextEncoder().encode('far away'));
    const cache = newCache(1000, artifacts.open.bind(artifacts));
    expect(await provide(cache, digest)).toBe('far away');
    await s3.stop();
    expect(await provide(cache, digest)).toBe('far away');
  } finally {
    await far.close();
  }
});

test('fetches no further for who has gone, and leaves nothing of it', async () => {
  const digest = createHash('sha256').update('large').digest('hex');
  const gone = new AbortController();
  const endless = () => {
    const content = new Readable({ read: () => {} });
    content.push('lar');
    content.once('data', () => gone.abort());
    return Promise.resolve(content);
  };
  await expect(newCache(1000, endless).provide(digest, newTarget(), gone.signal)).rejects.toThrow(/abort/);
  expect(await cached()).toEqual([]);
});
