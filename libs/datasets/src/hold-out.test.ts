import { createTrainingData, holdOut, type ImageDataset } from './index.js';

const PIXELS = 64;
const COUNT = 10;
const bytes = Uint8Array.from({ length: COUNT * PIXELS }, (_, i) => Math.floor(i / PIXELS));
const labels = Uint8Array.from({ length: COUNT }, (_, row) => row % 2);
const dataset: ImageDataset = {
  ...{ input: { channels: 1, height: 8, width: 8 }, classes: 2, classNames: ['even', 'odd'] },
  ...{ trainImages: COUNT, testImages: 2, classCounts: [5, 5], files: {}, digest: 'd', mean: [0], std: [1] },
  train: { pixels: { kind: 'held', bytes }, labels },
  test: { pixels: { kind: 'held', bytes: bytes.subarray(0, 2 * PIXELS) }, labels: labels.subarray(0, 2) },
};

test('tests on training images that no batch of training has', () => {
  const held = holdOut(dataset, { from: 6, count: 3 });
  expect(held).toMatchObject({ trainImages: 6, testImages: 3, digest: 'd' });
  const data = createTrainingData(held, { batchSize: 2, seed: 1, recalibrationBatches: 1 });
  const rowsOf = (batches: Iterable<{ images: Float32Array; labels: Uint8Array }>) =>
    [...batches].flatMap(({ images, labels: of }) =>
      [...of].map((label, i) => {
        const row = Math.round(images[i * PIXELS]! * 255);
        expect(label).toBe(row % 2);
        return row;
      }),
    );
  expect(rowsOf(data.trainBatches(0)).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(rowsOf(data.testBatches()).slice(0, 3)).toEqual([6, 7, 8]);
});

test('moves on in a file, too', () => {
  const file = { kind: 'file', file: '/nowhere', offset: 16 } as const;
  const held = holdOut({ ...dataset, train: { pixels: file, labels } }, { from: 6, count: 3 });
  expect(held.test.pixels).toEqual({ ...file, offset: 16 + 6 * PIXELS });
});

test.each([
  { from: 8, count: 3 },
  { from: 0, count: 3 },
  { from: 2.5, count: 3 },
])('refuses $count images from row $from on', (heldOut) => {
  expect(() => holdOut(dataset, heldOut)).toThrow(/cannot be held out of 10 training images/);
});
