import { randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder, waitUntil } from '#testkit';
import { freeChunk, takeChunk } from './chunk-memory.js';
import { FEW_STREAMS, LARGE_CHUNK_BYTES, readInChunks, SMALL_CHUNK_BYTES } from './read-in-chunks.js';

const content = randomBytes(3 * LARGE_CHUNK_BYTES + 1000);
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let file: string;
beforeAll(async () => {
  folder = await temporaryFolder('chunks');
  file = path.join(folder.path, 'content');
  await writeFile(file, content);
});
afterAll(() => folder.remove());

async function read(range: { first?: number; last?: number }, dealWith: (chunk: Uint8Array) => void) {
  const copies: Buffer[] = [];
  for await (const chunk of readInChunks(file, range) as AsyncIterable<Uint8Array>) {
    copies.push(Buffer.from(chunk));
    dealWith(chunk);
  }
  return Buffer.concat(copies);
}

test.each([
  {},
  { first: 0, last: 0 },
  { first: LARGE_CHUNK_BYTES - 1, last: 2 * LARGE_CHUNK_BYTES },
  { first: 5, last: 10 * LARGE_CHUNK_BYTES },
  { first: 10 * LARGE_CHUNK_BYTES },
])('a range %j of a file is read as it is, its chunks given back or not', async (range) => {
  const { first = 0, last = Infinity } = range;
  const expected = content.subarray(first, last + 1);
  for (const dealWith of [() => {}, freeChunk])
    expect((await read(range, dealWith)).equals(expected)).toBe(true);
});

test('memory that is given back is used again, and is gone from whoever gave it', async () => {
  const marked = takeChunk(LARGE_CHUNK_BYTES).fill(7);
  const part = marked.subarray(5, 10);
  for (const chunk of [part, part, marked]) freeChunk(chunk); // once is enough
  expect([marked.length, part.length]).toEqual([0, 0]);
  const [again, another] = [takeChunk(LARGE_CHUNK_BYTES), takeChunk(LARGE_CHUNK_BYTES)];
  expect(again.every((value) => value === 7)).toBe(true);
  another.fill(0);
  expect(again[0]).toBe(7);
  await Promise.all(
    Array.from({ length: 4 }, async () => expect((await read({}, freeChunk)).equals(content)).toBe(true)),
  );
});

test('one stream gets large chunks, and of many at a time none does', async () => {
  const streams = Array.from(
    { length: FEW_STREAMS + 1 },
    () => readInChunks(file)[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>,
  );
  const sizes: number[] = [];
  for (const stream of streams) {
    const { value } = await stream.next();
    sizes.push(value!.byteLength);
  }
  expect([sizes[0], sizes.at(-1)]).toEqual([LARGE_CHUNK_BYTES, SMALL_CHUNK_BYTES]);
  for (const stream of streams) await stream.return!();
});

test('a file that is not there fails who reads, and one that is left half read is closed', async () => {
  const missing = readInChunks(path.join(folder.path, 'none')).toArray();
  await expect(missing).rejects.toMatchObject({ code: 'ENOENT' });
  for await (const chunk of readInChunks(file)) {
    expect(chunk).toHaveLength(LARGE_CHUNK_BYTES);
    break;
  }
  await waitUntil('the file is closed', () => !openFiles().includes(file));
});

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
}
