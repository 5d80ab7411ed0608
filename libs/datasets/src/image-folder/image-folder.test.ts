import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { imageFolderContents, picture, temporaryFolder, writeFiles } from '#testkit';
import { DatasetError, listImageFolder, loadDataset, packImages, type PackOptions } from '../index.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder('images');
});
afterAll(() => folder.remove());

const OPTIONS: PackOptions = { input: { channels: 3, height: 8, width: 8 }, testShare: 0.2, seed: 1 };

async function pack(contents: Record<string, Uint8Array>, changes: Partial<PackOptions> = {}) {
  const source = await writeFiles(path.join(folder.path, randomUUID()), contents);
  const target = path.join(folder.path, randomUUID());
  await mkdir(target);
  const packed = await packImages(await listImageFolder(source), { ...OPTIONS, ...changes }, target);
  const dataset = await loadDataset({ format: 'image-folder', paths: { ...packed.paths } });
  const pixelsOf = ({ pixels }: (typeof dataset)['train']) =>
    (pixels.kind === 'held' ? pixels.bytes : undefined)!;
  return { source, packed, dataset, pixels: pixelsOf(dataset.train), testPixels: pixelsOf(dataset.test) };
}

async function refusal(...request: Parameters<typeof pack>): Promise<string> {
  const error = await pack(...request).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DatasetError);
  return (error as Error).message;
}

describe('a folder of images', () => {
  it('is packed by class, with a seeded share of each class for the test', async () => {
    const { packed, dataset, pixels } = await pack(await imageFolderContents());
    expect(packed.classNames).toEqual(['day', 'night']);
    expect(packed.split).toEqual({ kind: 'seeded', testShare: 0.2, seed: 1 });
    expect(dataset).toMatchObject({
      ...{ trainImages: 16, testImages: 4, classCounts: [8, 8] },
      input: OPTIONS.input,
    });
    expect([...dataset.test.labels].sort()).toEqual([0, 0, 1, 1]);
    // Red is 255 by day, 0 to 9 by night; the first images are of both.
    dataset.train.labels.forEach((label, i) => expect(pixels[i * 192]! > 128).toBe(label === 0));
    expect(new Set(dataset.train.labels.slice(0, 8)).size).toBe(2);
  });

  it('gives the same bytes for the same seed, wherever it lies; another seed another split', async () => {
    const contents = await imageFolderContents();
    const [first, second] = [await pack(contents), await pack(contents)];
    expect(second.dataset.digest).toBe(first.dataset.digest);
    const other = await pack(contents, { seed: 2 });
    expect(other.dataset.digest).not.toBe(first.dataset.digest);
    expect(other.packed.sourceDigest).toBe(first.packed.sourceDigest);
  });

  it('keeps the split of images when others are added', async () => {
    const contents = await imageFolderContents(20);
    const reds = (bytes: Uint8Array) => [...bytes.keys()].filter((i) => i % 192 === 0).map((i) => bytes[i]!);
    const tested = (pixels: Uint8Array) => reds(pixels).filter((red) => red < 128);
    const all = tested((await pack(contents)).testPixels);
    delete contents['night/7.png'];
    const fewer = tested((await pack(contents)).testPixels);
    expect(fewer.filter((red) => !all.includes(red)).length).toBeLessThanOrEqual(1);
  });

  it('has the digest of what sha256sum prints for its images', async () => {
    const { source, packed } = await pack(await imageFolderContents(3));
    const command = 'find . -type f | sed "s#^\\./##" | LC_ALL=C sort | xargs sha256sum | sha256sum';
    const listed = execFileSync('sh', ['-c', command], { cwd: source, encoding: 'utf8' });
    expect(listed.slice(0, 64)).toBe(packed.sourceDigest);
  });

  it.each(['test', 'val'])('with train and %s is divided as it is', async (part) => {
    const contents = await imageFolderContents(3);
    const named = Object.entries(contents).map(([name, content], i) => [
      `${i < 4 ? 'train' : part}/${name}`,
      content,
    ]);
    const { packed, dataset } = await pack(Object.fromEntries(named));
    expect(packed.split).toEqual({ kind: 'given' });
    expect(dataset).toMatchObject({ trainImages: 4, testImages: 2, classes: 2 });
  });

  it('with train, val and test leaves val out', async () => {
    const one = await picture();
    const names = ['train/a/1.png', 'train/b/1.png', 'val/a/2.png', 'test/a/3.png'];
    const { dataset } = await pack(Object.fromEntries(names.map((name) => [name, one])));
    expect(dataset).toMatchObject({ trainImages: 2, testImages: 1 });
  });

  it('may hold what file managers leave', async () => {
    const contents = await imageFolderContents(2);
    const { dataset } = await pack({
      ...contents,
      '.DS_Store': Buffer.from('x'),
      'day/.hidden.png': Buffer.from('x'),
    });
    expect(dataset.trainImages).toBe(2);
  });
});

describe('an image', () => {
  const pixel = async (content: Buffer, at: [number, number], changes: Partial<PackOptions> = {}) => {
    const { dataset, pixels } = await pack(
      {
        'train/a/1.png': content,
        'train/b/1.png': await picture({ colour: 'white' }),
        'test/a/1.png': content,
      },
      changes,
    );
    const { channels, height, width } = dataset.input;
    const image = [...dataset.train.labels].indexOf(0);
    return Array.from(
      { length: channels },
      (_, c) => pixels[((image * channels + c) * height + at[0]) * width + at[1]],
    );
  };
  /** Left half blue, right half green, 64 x 32. */
  const halves = async () =>
    sharp(await picture({ width: 64, height: 32, colour: 'rgb(0,0,255)' }))
      .composite([
        { input: await picture({ width: 32, height: 32, colour: 'rgb(0,255,0)' }), left: 32, top: 0 },
      ])
      .png();

  it('is scaled and cut to the size at its centre, planes by channel', async () => {
    const content = await (await halves()).toBuffer();
    expect(await pixel(content, [4, 0])).toEqual([0, 0, 255]);
    expect(await pixel(content, [4, 7])).toEqual([0, 255, 0]);
  });

  it('is turned as its EXIF data say', async () => {
    const turned = await (await halves()).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    const [top, bottom] = [await pixel(turned, [0, 4]), await pixel(turned, [7, 4])];
    expect(top[2]!).toBeGreaterThan(200); // blue was on the left, and comes to the top
    expect(bottom[1]!).toBeGreaterThan(200);
  });

  it('lies on black where it is transparent', async () => {
    const create = {
      width: 9,
      height: 9,
      channels: 4 as const,
      background: { r: 255, g: 0, b: 0, alpha: 0 },
    };
    expect(await pixel(await sharp({ create }).png().toBuffer(), [0, 0])).toEqual([0, 0, 0]);
  });

  it('becomes one channel of brightness, or three of grey', async () => {
    const input = { channels: 1, height: 8, width: 8 };
    expect(await pixel(await picture({ colour: 'rgb(99,99,99)' }), [0, 0], { input })).toEqual([99]);
    const grey = await sharp(await picture({ colour: 'rgb(99,99,99)' }))
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect(await pixel(grey, [0, 0])).toEqual([99, 99, 99]);
  });
});

describe('a folder is refused by the name of', () => {
  /** Nothing but a PNG's header. */
  const claimingSize = (width: number, height: number): Buffer => {
    const chunk = (type: string, data: Buffer) => {
      const body = Buffer.concat([Buffer.from(type), data]);
      return Buffer.concat([uint32(data.length), body, uint32(crc32(body))]);
    };
    const header = Buffer.concat([uint32(width), uint32(height), Buffer.from([8, 2, 0, 0, 0])]);
    const signature = Buffer.from('89504e470d0a1a0a', 'hex');
    const pixels = chunk('IDAT', deflateSync(Buffer.alloc(99)));
    return Buffer.concat([signature, chunk('IHDR', header), pixels, chunk('IEND', Buffer.alloc(0))]);
  };
  const uint32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };

  it.each([
    [
      'a JPEG that is cut off',
      'day/1.jpg',
      (all: Buffer) => all.subarray(0, all.length - 40),
      // The decoder's own words differ: threads that decode side by side share its buffer of errors.
      'cannot be decoded: ',
    ],
    ['a PNG that is cut off', 'night/1.png', (all: Buffer) => all.subarray(0, 60), 'cannot be decoded: '],
    [
      'a PNG of too many pixels, before they are decoded',
      'night/1.png',
      () => claimingSize(8192, 4097),
      'has more than 33554432 pixels',
    ],
    ['an empty file', 'day/0.jpg', () => Buffer.alloc(0), 'expected a PNG or JPEG file, found an empty file'],
    [
      'an SVG that calls itself PNG',
      'night/0.png',
      () => Buffer.from('<svg/>'),
      'at byte 0: expected a PNG or JPEG file',
    ],
  ])('%s', async (_problem, name, damage, reason) => {
    const contents = await imageFolderContents(3);
    const message = await refusal({ ...contents, [name]: damage(contents[name]!) });
    expect(message).toMatch(new RegExp(`^${name}.*: `));
    expect(message).toContain(reason);
  });

  it.each([
    [
      'another kind of file',
      { 'day/notes.txt': 'x' },
      'day/notes.txt: expected a file name that ends in .png',
    ],
    ['a file outside of the classes', { 'readme.png': 'x' }, 'readme.png: expected CLASS/IMAGE'],
    ['a folder too deep', { 'day/more/1.png': 'x' }, 'day/more/1.png: expected CLASS/IMAGE'],
  ])('%s', async (_problem, extra, message) => {
    const files = Object.entries(extra).map(([name, text]) => [name, Buffer.from(text)]);
    expect(await refusal({ ...(await imageFolderContents(2)), ...Object.fromEntries(files) })).toContain(
      message,
    );
  });

  it('a test image whose class is not trained', async () => {
    const one = await picture();
    const names = ['train/a/1.png', 'train/b/1.png', 'test/c/1.png'];
    const message = await refusal(Object.fromEntries(names.map((name) => [name, one])));
    expect(message).toBe('test/c/1.png: class "c" has no training image');
  });
});

it('a folder of fewer than two classes, or without images, is refused', async () => {
  expect(await refusal({})).toContain('there is no image');
  expect(await refusal({ 'a/1.png': await picture(), 'a/2.png': await picture() })).toContain(
    '1 class with training',
  );
  const single = { 'a/1.png': await picture(), 'b/1.png': await picture() };
  expect(await refusal(single)).toContain('no class has the two images that a test image takes');
});
