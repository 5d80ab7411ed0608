import { existsSync } from 'node:fs';
import { DatasetError, FASHION_MNIST_CLASSES, fashionMnistPaths, loadDataset } from '../index.js';

const installed = existsSync('/usr/share/datasets/fashion-mnist');
if (!installed) process.stderr.write('Fashion-MNIST is not tested: apt-get install dataset-fashion-mnist\n');

(installed ? it : it.skip)(
  'Fashion-MNIST from its Debian package is complete and has the known statistics',
  async () => {
    const dataset = await loadDataset({ format: 'idx', paths: { ...(await fashionMnistPaths()) } });
    expect(dataset.input).toEqual({ channels: 1, height: 28, width: 28 });
    expect([dataset.trainImages, dataset.testImages]).toEqual([60_000, 10_000]);
    expect(dataset.classCounts).toEqual(FASHION_MNIST_CLASSES.map(() => 6000));
    // The mean and deviation that everyone who normalises it knows.
    expect(dataset.mean[0]).toBeCloseTo(0.286, 4);
    expect(dataset.std[0]).toBeCloseTo(0.353, 4);
  },
);

it('Fashion-MNIST that is not installed is refused with what to install', async () => {
  const missing = fashionMnistPaths('/no/such/folder');
  await expect(missing).rejects.toThrow(DatasetError);
  await expect(missing).rejects.toThrow(
    /train-images-idx3-ubyte\.gz: .* apt-get install dataset-fashion-mnist/,
  );
});
