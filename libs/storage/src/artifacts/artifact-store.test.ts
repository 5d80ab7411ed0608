import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '#testkit';
import type { ArtifactStore } from './artifact-store.js';
import { openArtifactStore } from './open-artifact-store.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await temporaryFolder('artifacts');
  store = openArtifactStore(folder.path);
});
afterEach(() => folder.remove());

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const bytes = (content: string) => new TextEncoder().encode(content);
const fileOf = (digest: string) => path.join(folder.path, digest.slice(0, 2), digest.slice(2, 4), digest);

test('stores bytes, a file and a stream under the digest of their content', async () => {
  const source = path.join(folder.path, 'source');
  fs.writeFileSync(source, 'from a file');
  const stored = [
    await store.putBytes(bytes('from bytes')),
    await store.putFile(source),
    await store.putStream(Readable.from([bytes('from a '), bytes('stream')])),
  ];
  const contents = ['from bytes', 'from a file', 'from a stream'];
  expect(stored).toEqual(contents.map((content) => ({ digest: sha256(content), bytes: content.length })));
  for (const [i, { digest }] of stored.entries()) {
    expect(await store.find(digest)).toEqual(stored[i]);
    expect(new TextDecoder().decode(await store.read(digest))).toBe(contents[i]);
    expect(fs.readFileSync(await store.localFile(digest), 'utf8')).toBe(contents[i]);
  }
});

test('stores the same content once, also when it comes from several at once', async () => {
  const puts = await Promise.all([1, 2, 3].map(() => store.putBytes(bytes('same'))));
  expect(new Set(puts.map((put) => put.digest)).size).toBe(1);
  expect(fs.readdirSync(path.dirname(fileOf(puts[0]!.digest)))).toEqual([puts[0]!.digest]);
});

test('opens all of an artifact, or a range of bytes', async () => {
  const { digest } = await store.putBytes(bytes('0123456789'));
  expect(await text(await store.open(digest))).toBe('0123456789');
  expect(await text(await store.open(digest, { first: 2, last: 4 }))).toBe('234');
});

test('stores large content unchanged', async () => {
  const chunk = Buffer.alloc(1 << 20, 'isochron');
  const { digest, bytes: size } = await store.putStream(Readable.from(Array<Buffer>(5).fill(chunk)));
  expect(size).toBe(5 * chunk.length);
  expect((await buffer(await store.open(digest))).equals(Buffer.concat(Array<Buffer>(5).fill(chunk)))).toBe(
    true,
  );
});

test('leaves nothing of a stream that breaks', async () => {
  const broken = Readable.from(
    (function* () {
      yield bytes('half');
      throw new Error('gone');
    })(),
  );
  await expect(store.putStream(broken)).rejects.toThrow('gone');
  expect(await store.find(sha256('half'))).toBeUndefined();
  expect(fs.readdirSync(path.join(folder.path, 'incoming'))).toEqual([]);
});

test('tells damaged content from good, and mends it when it is stored again', async () => {
  const { digest } = await store.putBytes(bytes('good'));
  await store.verify(digest);
  fs.writeFileSync(fileOf(digest), 'goof');
  const corrupt = { code: 'artifact_corrupt', message: expect.stringContaining(sha256('goof')) as string };
  await expect(store.read(digest)).rejects.toMatchObject(corrupt);
  await expect(store.localFile(digest)).rejects.toMatchObject(corrupt);
  await expect(store.verify(digest)).rejects.toMatchObject(corrupt);
  await store.putBytes(bytes('good'));
  await store.verify(digest);
});

test.each([['0'.repeat(64)], ['../../etc/passwd'], ['']])('knows no artifact "%s"', async (digest) => {
  expect(await store.find(digest)).toBeUndefined();
  const unknown = { code: 'not_found' };
  await expect(store.open(digest)).rejects.toMatchObject(unknown);
  await expect(store.read(digest)).rejects.toMatchObject(unknown);
  await expect(store.verify(digest)).rejects.toMatchObject(unknown);
});

test('takes a file: URL, and refuses what it cannot use', async () => {
  const { digest } = await store.putBytes(bytes('shared'));
  expect(await openArtifactStore(pathToFileURL(folder.path).href).find(digest)).toBeDefined();
  for (const url of ['s3://bucket/artifacts', 'https://store', 'file://elsewhere/artifacts']) {
    expect(() => openArtifactStore(url)).toThrow(
      `ARTIFACTS_URL="${url}": expected a directory, or a file: URL of one on this machine`,
    );
  }
});

test('does not print the password of a URL that it refuses', () => {
  const open = () => openArtifactStore('s3://key:se/c:r#e?t@store/artifacts');
  expect(open).toThrow('ARTIFACTS_URL="s3://***@store/artifacts": expected a directory');
});
