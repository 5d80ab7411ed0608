import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DatasetError } from '../index.js';
import { readIdxImages, readIdxLabels } from './idx-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isochron-idx-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, bytes);
  return file;
}

/** Header by hand: 0, 0, type, rank, then big-endian sizes. */
function idx(dimensions: number[], content: number[], type = 8): Buffer {
  const sizes = dimensions.flatMap((d) => [(d >>> 24) & 255, (d >>> 16) & 255, (d >>> 8) & 255, d & 255]);
  return Buffer.from([0, 0, type, dimensions.length, ...sizes, ...content]);
}

const pixels = Array.from({ length: 12 }, (_, i) => i * 20);

describe('IDX files', () => {
  it('are read plain and gzip alike, each with the digest of the file as stored', async () => {
    const plain = await readIdxImages(await fileOf('plain', idx([2, 2, 3], pixels)));
    const packed = await readIdxImages(await fileOf('packed.gz', gzipSync(idx([2, 2, 3], pixels))));
    for (const images of [plain, packed]) {
      expect(images.count).toBe(2);
      expect(images.shape).toEqual({ channels: 1, height: 2, width: 3 });
      expect(images.pixels).toEqual({ kind: 'held', bytes: Uint8Array.from(pixels) });
    }
    expect(plain.bytes).toBe(28);
    expect(plain.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(packed.digest).not.toBe(plain.digest);
  });

  it('may have channels', async () => {
    const images = await readIdxImages(await fileOf('colour', idx([1, 3, 2, 2], pixels)));
    expect(images.shape).toEqual({ channels: 3, height: 2, width: 2 });
  });

  it('hold labels in one dimension', async () => {
    const { labels } = await readIdxLabels(await fileOf('labels', idx([3], [2, 0, 1])));
    expect([...labels]).toEqual([2, 0, 1]);
  });

  it.each([
    ['is empty', Buffer.alloc(0), 'at byte 0: the file ends within the IDX header'],
    ['ends within its header', idx([2, 2, 3], []).subarray(0, 10), 'at byte 10: the file ends within'],
    ['is no IDX file', Buffer.from('PK\u0003\u0004 something'), 'at byte 0: expected an IDX file'],
    ['holds floats', idx([2, 2, 3], pixels, 0x0d), 'at byte 2: expected type 08'],
    ['holds labels', idx([12], pixels), 'at byte 3: expected 3 or 4 dimensions, found 1'],
    ['has a size of 0', idx([2, 0, 3], []), 'at byte 8: dimension 1 is 0'],
    ['is short', idx([2, 2, 3], pixels.slice(0, 9)), 'at byte 25: the file ends 3 bytes before the 12'],
    ['is long', idx([2, 2, 3], [...pixels, 1]), 'at byte 28: the file goes on'],
    ['claims 64 GiB', idx([65536, 1024, 1024], pixels), 'at byte 4: the header announces'],
    ['is short once unpacked', gzipSync(idx([2, 2, 3], [1])), 'at byte 17: the file ends 11 bytes before'],
    ['is cut gzip', gzipSync(idx([2, 2, 3], pixels)).subarray(0, 30), ': damaged gzip data'],
  ])('are refused by file and byte offset when the file %s', async (problem, bytes, message) => {
    const file = await fileOf(problem.replaceAll(' ', '-'), bytes);
    const error = await readIdxImages(file).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DatasetError);
    expect((error as Error).message).toContain(file);
    expect((error as Error).message).toContain(message);
  });

  it('too large to be held stay in their file, which must not be packed then', async () => {
    const file = await fileOf('large', idx([2, 2, 3], pixels));
    const images = await readIdxImages(file, 11);
    expect(images.pixels).toEqual({ kind: 'file', file, offset: 16 });
    expect(images.mean[0]).toBeCloseTo(110 / 255, 12);
    const packed = await fileOf('large.gz', gzipSync(idx([2, 2, 3], pixels)));
    await expect(readIdxImages(packed, 11)).rejects.toThrow(
      'large.gz: unpacked it has 12 bytes, more than the 11 that are held in memory: store it unpacked',
    );
  });

  it('are refused by name when the file does not exist', async () => {
    const file = join(folder, 'absent');
    await expect(readIdxLabels(file)).rejects.toThrow(`${file}: cannot be read: ENOENT`);
  });

  it('are refused as damaged when a packed byte flips', async () => {
    const bytes = gzipSync(Buffer.concat([idx([1, 100, 100], []), Buffer.alloc(10_000, 'varied content ')]));
    bytes[bytes.length - 6]! ^= 0xff;
    const file = await fileOf('flipped.gz', bytes);
    await expect(readIdxImages(file)).rejects.toThrow(/flipped\.gz at byte \d+: damaged gzip data/);
  });
});
