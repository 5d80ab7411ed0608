import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../dataset-error.js';
import type { IdxPaths } from '../idx/idx-dataset.js';

const DEBIAN_PACKAGE = 'dataset-fashion-mnist';
const DEBIAN_FOLDER = '/usr/share/datasets/fashion-mnist';

/** Xiao, Rasul and Vollgraf 2017, table 2. */
export const FASHION_MNIST_CLASSES = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
] as const;

/**
 * Fashion-MNIST (60,000 training and 10,000 test images of clothes, 28x28) as Debian packages it.
 * @throws DatasetError saying what to install when a file is not there
 */
export async function fashionMnistPaths(folder = DEBIAN_FOLDER): Promise<IdxPaths> {
  const paths = {
    trainImages: join(folder, 'train-images-idx3-ubyte.gz'),
    trainLabels: join(folder, 'train-labels-idx1-ubyte.gz'),
    testImages: join(folder, 't10k-images-idx3-ubyte.gz'),
    testLabels: join(folder, 't10k-labels-idx1-ubyte.gz'),
  };
  for (const file of Object.values(paths)) {
    await access(file).catch((error: Error) => {
      const detail = `is not there; install Debian's package: apt-get install ${DEBIAN_PACKAGE}`;
      throw new DatasetError(detail, { file }, { cause: error });
    });
  }
  return paths;
}
