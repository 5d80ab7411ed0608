import { createHash, randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { writeBundle } from '#bundle';
import { resNet } from '#network';
import { randomFamily } from '#pruning';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS, waitUntil } from '#testkit';
import { BundleIntake } from './bundle-intake.js';

const MOST = 2 ** 26;
const network = resNet({ depth: 20, input: { channels: 3, height: 32, width: 32 }, classes: 10 });
const family = randomFamily(network, [0, 0.5], { minChannels: 4, channelMultiple: 4, seed: 1 });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const inChunks = (bytes: Uint8Array) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
    })(),
  );

let intake: BundleIntake;
beforeAll(() => void (intake = new BundleIntake([TYPESCRIPT_NODE_OPTIONS])));
afterAll(() => intake.close());

test('files that come at the same time are read each for itself, and written as they are', async () => {
  const folder = await temporaryFolder('intake');
  const files = [1, 2, 3].map((seed) => writeBundle(family, { seed, padding: 'x'.repeat(700_000 * seed) }));
  const taken = await Promise.all(
    files.map(async (bytes, index) => {
      const handle = await open(path.join(folder.path, String(index)), 'wx');
      return intake.read(inChunks(bytes), MOST, handle).finally(() => handle.close());
    }),
  );
  for (const [index, bytes] of files.entries()) {
    expect(taken[index]).toMatchObject({
      ...{ digest: sha256(bytes), bytes: bytes.length },
      content: { classes: 10, ratios: [{ ratio: 0 }, { ratio: 0.5 }] },
    });
    expect((await readFile(path.join(folder.path, String(index)))).equals(bytes)).toBe(true);
  }
  await folder.remove();
});

test('what is no bundle has its digest nonetheless, and the fault', async () => {
  const random = randomBytes(2_000_000);
  const altered = writeBundle(family, {});
  altered[altered.length - 1]! ^= 1;
  for (const [bytes, fault] of [
    [random, 'header'],
    [altered, 'it was altered'],
    [new Uint8Array(0), 'too few'],
  ] as const) {
    const { digest, content } = await intake.read(inChunks(bytes), MOST);
    expect(digest).toBe(sha256(bytes));
    expect(content).toEqual({ fault: expect.stringContaining(fault) });
  }
});

test('a file that is too long, or breaks off, fails alone', async () => {
  const bytes = writeBundle(family, {});
  await expect(intake.read(inChunks(bytes), bytes.length - 1)).rejects.toMatchObject({
    code: 'payload_too_large',
  });
  const breaking = Readable.from(
    (async function* () {
      yield bytes.subarray(0, 1_100_000);
      await Promise.reject(new Error('the client left'));
    })(),
  );
  await expect(intake.read(breaking, MOST)).rejects.toThrow('the client left');
  expect(await intake.read(inChunks(bytes), bytes.length)).toMatchObject({ digest: sha256(bytes) });
});

test('threads that end before the end have not read the file, and say so', async () => {
  const bytes = writeBundle(family, {});
  const content = new PassThrough();
  const reading = intake.read(content, MOST);
  content.write(bytes);
  // Pieces of less than 1 MiB wait for the end.
  content.once('end', () => void intake.close());
  content.end();
  await expect(reading).rejects.toThrow(/was closed|has ended|failed/);
});

test('a file that comes byte by byte is read like any other', async () => {
  const bytes = writeBundle(family, {});
  const header = bytes.subarray(0, 60_000);
  const content = Readable.from(
    (function* () {
      for (const byte of header) yield Uint8Array.of(byte);
      yield bytes.subarray(header.length);
    })(),
  );
  expect(await intake.read(content, MOST)).toMatchObject({
    digest: sha256(bytes),
    content: { classes: 10 },
  });
});

test('a thread that ends fails whose file it was reading, and another one takes its place', async () => {
  const folder = await temporaryFolder('intake');
  const handle = await open(path.join(folder.path, 'file'), 'wx');
  const bytes = writeBundle(family, {});
  const stalled = new Readable({ read() {} });
  const part = 2 ** 20;
  stalled.push(bytes.subarray(0, part));
  const reading = intake.read(stalled, MOST, handle);
  await waitUntil('the first piece', async () => (await handle.stat()).size > 0);
  await intake.close();
  stalled.push(bytes.subarray(part));
  stalled.push(null);
  await expect(reading).rejects.toThrow(/was closed|failed/);
  expect(await intake.read(inChunks(bytes), MOST)).toMatchObject({ digest: sha256(bytes) });
  await handle.close();
  await folder.remove();
});
