import { gzipSync } from 'node:zlib';
import { cifar10Contents, cifarContent, temporaryFolder, writeFiles } from '#testkit';
import { cifarPaths, DatasetError, loadDataset } from '../index.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let written = 0;
beforeAll(async () => {
  folder = await temporaryFolder('cifar');
});
afterAll(() => folder.remove());

const write = (contents: Record<string, Uint8Array>) =>
  writeFiles(`${folder.path}/${written++}`, { 'readme.html': Buffer.from('x'), ...contents });

async function load(contents: Record<string, Uint8Array>, format: 'cifar-10' | 'cifar-100' = 'cifar-10') {
  return loadDataset({ format, paths: await cifarPaths(await write(contents), format) });
}

async function refusal(...request: Parameters<typeof load>): Promise<string> {
  const error = await load(...request).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DatasetError);
  return (error as Error).message;
}

describe('CIFAR-10', () => {
  it('is read from its training files in the order of their numbers, and its test file', async () => {
    const contents = cifar10Contents();
    const dataset = await load({ ...contents, 'data_batch_10.bin': cifarContent(1, 10) });
    expect(dataset).toMatchObject({
      input: { channels: 3, height: 32, width: 32 },
      classes: 10,
      trainImages: 41,
      testImages: 10,
      classCounts: [5, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    });
    expect(dataset.classNames).toEqual(expect.arrayContaining(['airplane', 'truck']));
    expect(Object.keys(dataset.files)).toEqual([
      'data_batch_1.bin',
      'data_batch_2.bin',
      'data_batch_10.bin',
      'test_batch.bin',
    ]);
    expect([...dataset.train.labels.slice(18, 23)]).toEqual([8, 9, 0, 1, 2]);
    const { pixels } = dataset.train;
    const bytes = pixels.kind === 'held' ? pixels.bytes : new Uint8Array();
    expect([bytes[3 * 3072], bytes[3 * 3072 + 1], bytes[23 * 3072], bytes.length]).toEqual([
      3,
      21,
      3,
      41 * 3072,
    ]);
  });

  it('has the digest of its files, wherever they lie', async () => {
    const contents = cifar10Contents();
    const { digest } = await load(contents);
    expect((await load(contents)).digest).toBe(digest);
    contents['test_batch.bin']![5]! ^= 1;
    expect((await load(contents)).digest).not.toBe(digest);
  });

  it('may be packed by gzip', async () => {
    const contents = cifar10Contents();
    const packed = { ...contents, 'test_batch.bin': gzipSync(contents['test_batch.bin']!) };
    expect((await load(packed)).testImages).toBe(10);
  });

  it.each([
    ['is cut off', (all: Buffer) => all.subarray(0, 5000), 'at byte 5000: the file ends 1146 bytes before'],
    ['is empty', () => Buffer.alloc(0), 'at byte 0: the file is empty'],
    [
      'has a label too high',
      (all: Buffer) => Buffer.from(all).fill(10, 3073, 3074),
      'at byte 3073: label 10',
    ],
    ['is something else', () => Buffer.alloc(9219, 0xff), 'at byte 0: label 255, expected one below 10'],
  ])('is refused by file and byte offset when a file %s', async (_problem, damage, expected) => {
    const contents = cifar10Contents();
    const message = await refusal({ ...contents, 'data_batch_2.bin': damage(contents['data_batch_2.bin']!) });
    expect(message).toContain(`data_batch_2.bin ${expected}`);
  });

  it('is refused when a label that is too high comes in a later part of a large file', async () => {
    const large = cifarContent(400, 10);
    large[399 * 3073] = 77;
    const message = await refusal({ ...cifar10Contents(), 'data_batch_2.bin': large });
    expect(message).toContain(`at byte ${399 * 3073}: label 77`);
  });

  it('is refused when files or classes are missing', async () => {
    const { 'test_batch.bin': test, ...train } = cifar10Contents();
    expect(await refusal(train)).toContain(
      'there is no test_batch.bin; cifar-10 consists of data_batch_1.bin',
    );
    expect(await refusal({ 'test_batch.bin': test! })).toContain('there is no data_batch_1.bin');
    const few = { 'data_batch_1.bin': cifarContent(8, 10), 'test_batch.bin': test! };
    expect(await refusal(few)).toContain('no image of class 8, 9');
    await expect(cifarPaths('/no/such/folder', 'cifar-10')).rejects.toThrow(
      '/no/such/folder: cannot be read',
    );
  });
});

describe('CIFAR-100', () => {
  it('is read with its fine labels', async () => {
    const contents = { 'train.bin': cifarContent(200, 100), 'test.bin': cifarContent(3, 100) };
    const dataset = await load(contents, 'cifar-100');
    expect(dataset).toMatchObject({ classes: 100, trainImages: 200, testImages: 3 });
    expect([...dataset.train.labels.slice(98, 102)]).toEqual([98, 99, 0, 1]);
    expect([dataset.classNames[0], dataset.classNames[99]]).toEqual(['apple', 'worm']);
    contents['train.bin'][3074 * 2 + 1] = 100;
    expect(await refusal(contents, 'cifar-100')).toContain('train.bin at byte 6149: label 100');
  });
});
