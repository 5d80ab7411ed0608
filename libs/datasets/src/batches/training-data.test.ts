import { truncate, writeFile } from 'node:fs/promises';
import { temporaryFolder } from '#testkit';
import { DatasetError, createTrainingData, type ImageDataset } from '../index.js';

/** Image i is all (i * 3) % 256 in channel 0 and constant in channel 1; its label is i % 4. */
function dataset(trainImages: number, testImages: number): ImageDataset {
  const part = (count: number) => ({
    pixels: {
      kind: 'held' as const,
      bytes: Uint8Array.from({ length: count * 2 * 64 }, (_, i) =>
        Math.floor(i / 64) % 2 === 0 ? (Math.floor(i / 128) * 3) % 256 : 77,
      ),
    },
    labels: Uint8Array.from({ length: count }, (_, i) => i % 4),
  });
  const stored = { digest: '0'.repeat(64), bytes: 1 };
  return {
    input: { channels: 2, height: 8, width: 8 },
    classes: 4,
    classNames: ['a', 'b', 'c', 'd'],
    trainImages,
    testImages,
    classCounts: [0, 0, 0, 0],
    files: { trainImages: stored, trainLabels: stored, testImages: stored, testLabels: stored },
    digest: '0'.repeat(64),
    mean: [0.25, 77 / 255],
    std: [0.5, 0],
    train: part(trainImages),
    test: part(testImages),
  };
}

const options = { batchSize: 8, seed: 5, recalibrationBatches: 2 };

/** Which image a row holds, from its first pixel: undoes the normalisation. */
const imageOf = (images: Float32Array, row: number) =>
  Math.round(((images[row * 128]! * 0.5 + 0.25) * 255) / 3);

function orderOf(batches: Iterable<{ images: Float32Array; labels: Uint8Array }>): number[] {
  return [...batches].flatMap(({ images, labels }) => Array.from(labels, (_, row) => imageOf(images, row)));
}

describe('training batches', () => {
  it('show every image at most once per epoch, in full batches', () => {
    const data = createTrainingData(dataset(30, 5), options);
    const batches = [...data.trainBatches(0)];
    expect(batches.map((b) => b.labels.length)).toEqual([8, 8, 8]);
    const order = orderOf(batches);
    expect(new Set(order).size).toBe(24);
    expect(batches.flatMap((b) => [...b.labels])).toEqual(order.map((i) => i % 4));
  });

  it('come in the same order for the same seed and epoch, in another for others', () => {
    const order = (seed: number, epoch: number) =>
      orderOf(createTrainingData(dataset(64, 5), { ...options, seed }).trainBatches(epoch));
    expect(order(5, 1)).toEqual(order(5, 1));
    expect(order(5, 1)).not.toEqual(order(5, 2));
    expect(order(5, 1)).not.toEqual(order(6, 1));
  });

  it('are normalised per channel, a constant channel to zero', () => {
    const [batch] = createTrainingData(dataset(8, 5), options).trainBatches(0);
    const row = [...batch!.labels.keys()].find((r) => imageOf(batch!.images, r) === 5)!;
    expect(batch!.images[row * 128]).toBeCloseTo((15 / 255 - 0.25) / 0.5, 6);
    expect(batch!.images[row * 128 + 64]).toBeCloseTo(0, 6);
  });

  it('own their buffers', () => {
    const [first, second] = createTrainingData(dataset(16, 5), options).trainBatches(0);
    expect(first!.images.buffer).not.toBe(second!.images.buffer);
    const kept = Float32Array.from(second!.images);
    first!.images.fill(9);
    expect(second!.images).toEqual(kept);
  });

  it('take only the first images when told', () => {
    const data = createTrainingData(dataset(64, 5), { ...options, trainImages: 16 });
    expect(data.trainCount).toBe(16);
    expect(orderOf(data.trainBatches(0)).sort((a, b) => a - b)).toEqual([...Array(16).keys()]);
  });
});

describe('augmented training batches', () => {
  const augmented = { ...options, augmentation: { crop: 2, flip: true } };

  it('move images, whichever batch they are in, and keep order and labels', () => {
    const plain = [...createTrainingData(dataset(64, 5), options).trainBatches(0)];
    const moved = [...createTrainingData(dataset(64, 5), augmented).trainBatches(0)];
    expect(moved.map((b) => b.labels)).toEqual(plain.map((b) => b.labels));
    expect(moved[0]!.images).not.toEqual(plain[0]!.images);
    const rowsOf = (batches: typeof moved, order: number[]) =>
      new Map(
        order.map((image, i) => [
          image,
          batches[Math.floor(i / 8)]!.images.slice((i % 8) * 128, (i % 8) * 128 + 128),
        ]),
      );
    const halved = [...createTrainingData(dataset(64, 5), { ...augmented, batchSize: 4 }).trainBatches(0)];
    const order = orderOf(plain);
    const whole = rowsOf(moved, order);
    order.forEach((image, i) => {
      const found = halved[Math.floor(i / 4)]!.images.slice((i % 4) * 128, (i % 4) * 128 + 128);
      expect(found).toEqual(whole.get(image));
    });
  });

  it('leave test and recalibration batches as they are', () => {
    const [plain, moved] = [options, augmented].map((o) => createTrainingData(dataset(64, 5), o));
    expect([...moved!.testBatches()]).toEqual([...plain!.testBatches()]);
    expect([...moved!.recalibrationBatches()]).toEqual([...plain!.recalibrationBatches()]);
  });

  it('begin at any step of an epoch with the same bits', () => {
    const data = createTrainingData(dataset(64, 5), augmented);
    expect([...data.trainBatches(3, { fromStep: 5 })]).toEqual([...data.trainBatches(3)].slice(5));
    expect([...data.trainBatches(3, { fromStep: 8 })]).toEqual([]);
    expect(() => data.trainBatches(3, { fromStep: 9 })).toThrow('fromStep: 9, expected 0 to 8');
  });

  it('are refused when the padding is as large as the image', () => {
    const create = () => createTrainingData(dataset(64, 5), { ...options, augmentation: { crop: 8 } });
    expect(create).toThrow('augmentation.crop: 8 pixels, expected fewer than an image');
  });
});

describe('images that stay in their file', () => {
  it('make the same batches', async () => {
    const folder = await temporaryFolder('in-file');
    const held = dataset(64, 5);
    const { pixels, labels } = held.train;
    const file = `${folder.path}/pixels`;
    await writeFile(
      file,
      Buffer.concat([Buffer.from('header'), pixels.kind === 'held' ? pixels.bytes : Buffer.of()]),
    );
    const filed = { ...held, train: { pixels: { kind: 'file' as const, file, offset: 6 }, labels } };
    const [fromMemory, fromFile] = [held, filed].map((d) => createTrainingData(d, options));
    expect([...fromFile!.trainBatches(1)]).toEqual([...fromMemory!.trainBatches(1)]);
    await truncate(file, 300);
    expect(() => [...fromFile!.trainBatches(1)]).toThrow(/pixels at byte \d+: the file has become shorter/);
    await folder.remove();
  });
});

describe('recalibration batches', () => {
  it('are as many as asked for, or as there are', () => {
    const data = createTrainingData(dataset(64, 5), options);
    expect([...data.recalibrationBatches()]).toHaveLength(2);
    const few = createTrainingData(dataset(20, 5), { ...options, recalibrationBatches: 9 });
    expect([...few.recalibrationBatches()]).toHaveLength(2);
  });
});

describe('test batches', () => {
  it('hold every image in order; the last one is padded and says how many count', () => {
    const data = createTrainingData(dataset(8, 11), options);
    const batches = [...data.testBatches()];
    expect(batches.map((b) => b.count)).toEqual([8, 3]);
    expect(batches[1]!.labels).toHaveLength(8);
    expect(orderOf(batches).slice(0, 11)).toEqual([...Array(11).keys()]);
    expect(batches[1]!.images.subarray(3 * 128).every((v) => v === 0)).toBe(true);
  });
});

describe('a dataset too small for the request', () => {
  it('is refused by field, value and what there is', () => {
    const create = (more: object) => () => createTrainingData(dataset(20, 5), { ...options, ...more });
    expect(create({ trainImages: 21 })).toThrow(DatasetError);
    expect(create({ trainImages: 21 })).toThrow('trainImages: 21 images asked for, expected 1 to 20');
    expect(create({ testImages: 6 })).toThrow('testImages: 6');
    expect(create({ batchSize: 32 })).toThrow('20 training images do not fill one batch of 32');
  });
});
