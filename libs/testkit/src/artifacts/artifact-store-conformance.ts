import { createHash, randomBytes } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ArtifactStore, ListedArtifact } from '#storage';
import { temporaryFolder } from '../temporary-folder.js';

export interface ArtifactStoreHarness {
  readonly store: ArtifactStore;
  /** The same files as another process sees them. */
  readonly other: ArtifactStore;
  /** Replaces what is stored under a digest. */
  damage(digest: string, content: string): Promise<void>;
  /** The names of everything that is stored, also of what is not complete. */
  stored(): Promise<string[]>;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const LARGE = 64 * MIB;
/** Far less than the file. */
const MEMORY_BOUND = 40 * MIB;

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const bytes = (content: string) => new TextEncoder().encode(content);

/** What every artifact store promises. `open` gives an empty one. */
export function artifactStoreConformance(name: string, open: () => Promise<ArtifactStoreHarness>): void {
  describe(`${name} as an artifact store`, () => {
    let harness: ArtifactStoreHarness;
    let store: ArtifactStore;
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    beforeEach(async () => {
      harness = await open();
      store = harness.store;
      folder = await temporaryFolder('conformance');
    });
    afterEach(async () => {
      await harness.close();
      await folder.remove();
    });

    const newFile = async (content: string | Uint8Array) => {
      const file = path.join(folder.path, 'source');
      await writeFile(file, content);
      return file;
    };

    test('stores bytes, a file and a stream under the digest of their content', async () => {
      const stored = [
        await store.putBytes(bytes('from bytes')),
        await store.putFile(await newFile('from a file')),
        await store.putStream(Readable.from([bytes('from a '), bytes('stream')])),
        await store.putBytes(bytes('')),
        await store.putFile(await newFile('')),
      ];
      const contents = ['from bytes', 'from a file', 'from a stream', '', ''];
      expect(stored).toEqual(contents.map((content) => ({ digest: sha256(content), bytes: content.length })));
      for (const [i, { digest }] of stored.entries()) {
        expect(await harness.other.find(digest)).toEqual(stored[i]);
        expect(new TextDecoder().decode(await harness.other.read(digest))).toBe(contents[i]);
        expect(await text(await store.open(digest))).toBe(contents[i]);
        await store.verify(digest);
      }
      expect((await harness.stored()).length).toBe(4);
    });

    test('stores the same content once, also when it comes from several at once', async () => {
      const puts = [store, harness.other, store].map((each) => each.putBytes(bytes('same')));
      const file = await newFile('same');
      const all = await Promise.all([...puts, store.putFile(file), harness.other.putFile(file)]);
      expect(new Set(all.map((put) => put.digest)).size).toBe(1);
      expect((await harness.stored()).length).toBe(1);
      await store.verify(all[0].digest);
    });

    test.each([
      ['the first byte', 0, 0, '0'],
      ['the first bytes', 0, 3, '0123'],
      ['bytes in the middle', 2, 4, '234'],
      ['one byte', 5, 5, '5'],
      ['the last bytes', 7, 9, '789'],
      ['all of them', 0, 9, '0123456789'],
      ['no more than there are', 8, 1_000_000, '89'],
    ])('opens a range: %s', async (_what, first, last, expected) => {
      const { digest } = await store.putBytes(bytes('0123456789'));
      expect(await text(await store.open(digest, { first, last }))).toBe(expected);
    });

    test.each([
      ['behind the end', 10, 12],
      ['backwards', 4, 2],
      ['before the beginning', -3, 2],
      ['between bytes', 0.5, 2],
    ])('refuses a range %s', async (_what, first, last) => {
      const { digest } = await store.putBytes(bytes('0123456789'));
      const refused = { code: 'range_not_satisfiable' };
      await expect(store.open(digest, { first, last })).rejects.toMatchObject(refused);
    });

    test('has no byte of an empty file in any range', async () => {
      const { digest } = await store.putBytes(bytes(''));
      const refused = { code: 'range_not_satisfiable' };
      await expect(store.open(digest, { first: 0, last: 0 })).rejects.toMatchObject(refused);
    });

    test('tells damaged content from good, and mends it when it is stored again', async () => {
      const { digest } = await store.putBytes(bytes('good'));
      await harness.damage(digest, 'goof');
      const corrupt = {
        code: 'artifact_corrupt',
        message: expect.stringContaining(sha256('goof')) as string,
      };
      await expect(store.read(digest)).rejects.toMatchObject(corrupt);
      await expect(store.verify(digest)).rejects.toMatchObject(corrupt);
      await store.putBytes(bytes('good'));
      await store.verify(digest);
      await harness.damage(digest, 'go');
      await expect(store.verify(digest)).rejects.toMatchObject({ code: 'artifact_corrupt' });
      await store.putFile(await newFile('good'));
      await store.verify(digest);
    });

    test.each([
      ['0'.repeat(64)],
      ['../../../../etc/passwd'],
      [`../${'0'.repeat(61)}`],
      [`${'0'.repeat(64)}/../x`],
      [`${'0'.repeat(64)}\n`],
      ['A'.repeat(64)],
      [''],
    ])('knows no artifact "%s"', async (digest) => {
      await store.putBytes(bytes('something else'));
      expect(await store.find(digest)).toBeUndefined();
      const unknown = { code: 'not_found' };
      await expect(store.open(digest)).rejects.toMatchObject(unknown);
      await expect(store.open(digest, { first: 0, last: 1 })).rejects.toMatchObject(unknown);
      await expect(store.read(digest)).rejects.toMatchObject(unknown);
      await expect(store.verify(digest)).rejects.toMatchObject(unknown);
    });

    test('leaves nothing of a stream that breaks, or of a file that is not there', async () => {
      const broken = Readable.from(
        (function* () {
          for (let sent = 0; sent < 20; sent++) yield Buffer.alloc(MIB, 'half');
          throw new Error('gone');
        })(),
      );
      await expect(store.putStream(broken)).rejects.toThrow('gone');
      const missing = store.putFile(path.join(folder.path, 'missing'));
      await expect(missing).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await harness.stored()).toEqual([]);
    });

    test('streams a large file in and out, and holds a small part of it in memory', async () => {
      const content = Buffer.alloc(LARGE, randomBytes(MIB));
      const file = await newFile(content);
      const digest = sha256(content);
      const peak = await peakBuffers(async () => {
        expect(await store.putFile(file)).toEqual({ digest, bytes: LARGE });
        await store.verify(digest);
      });
      expect(peak).toBeLessThan(MEMORY_BOUND);
      const [first, last] = [LARGE - 5, LARGE - 1];
      const end = await text((await store.open(digest, { first, last })).setEncoding('latin1'));
      expect(Buffer.from(end, 'latin1')).toEqual(content.subarray(-5));
    });

    test('who stops reading early, or never begins, leaves the store usable', async () => {
      const { digest } = await store.putBytes(Buffer.alloc(4 * MIB, 'much'));
      for (let i = 0; i < 20; i++) {
        (await store.open(digest)).destroy();
        for await (const chunk of await store.open(digest)) {
          expect((chunk as Buffer).length).toBeGreaterThan(0);
          break;
        }
      }
      await store.verify(digest);
    });

    test('takes a file over whose digest is known', async () => {
      const file = await newFile('given away');
      const digest = sha256('given away');
      expect(await store.adoptFile(file, digest)).toEqual({ digest, bytes: 10 });
      expect(new TextDecoder().decode(await harness.other.read(digest))).toBe('given away');
      await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
      await store.adoptFile(await newFile('given away'), digest);
      await store.verify(digest);
      await expect(store.adoptFile(file, digest)).rejects.toMatchObject({ code: 'ENOENT' });
      await expect(store.adoptFile(await newFile('x'), '../x')).rejects.toMatchObject({ code: 'not_found' });
      expect((await harness.stored()).length).toBe(1);
    });

    test('lists what it has with its size and since when, and removes it', async () => {
      const listed = async () => {
        const found: ListedArtifact[] = [];
        for await (const artifact of harness.other.list()) found.push(artifact);
        return found.sort((a, b) => a.bytes - b.bytes);
      };
      expect(await listed()).toEqual([]);
      const before = Date.now() - 2000; // stores may know seconds alone
      const [short, long] = [await store.putBytes(bytes('a')), await store.putBytes(bytes('bc'))];
      const found = await listed();
      expect(found).toMatchObject([short, long]);
      for (const { modifiedAt } of found) {
        expect(modifiedAt.getTime()).toBeGreaterThanOrEqual(before);
        expect(modifiedAt.getTime()).toBeLessThanOrEqual(Date.now() + 2000);
      }
      for (let i = 0; i < 2; i++) await store.remove(short.digest);
      await store.remove('../../x');
      expect(await harness.other.find(short.digest)).toBeUndefined();
      expect(await listed()).toMatchObject([long]);
      await store.putBytes(bytes('a'));
      await harness.other.verify(short.digest);
    });

    test('is in health', async () => {
      await Promise.all([store.health(), store.health()]);
      expect(await harness.stored()).toEqual([]);
    });
  });
}

/** The most bytes that live buffers had, beyond those before, while `work` ran. */
async function peakBuffers(work: () => Promise<void>): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = () => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const before = held();
  let peak = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const began = performance.now();
    peak = Math.max(peak, held() - before);
    // On a busy machine a look takes long, and must leave most of the time to the work.
    timer = setTimeout(look, Math.max(100, 10 * (performance.now() - began)));
  };
  try {
    look();
    await work();
  } finally {
    clearTimeout(timer);
  }
  return peak;
}
