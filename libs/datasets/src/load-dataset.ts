import { loadCifarDataset } from './cifar/cifar-dataset.js';
import { CIFAR_LAYOUTS, type CifarFormat } from './cifar/cifar-format.js';
import type { DatasetDescription, ImageDataset } from './dataset.js';
import { DatasetError } from './dataset-error.js';
import { loadIdxDataset, type IdxPaths } from './idx/idx-dataset.js';

/** A packed image folder consists of IDX files. */
export type DatasetFormat = 'idx' | 'image-folder' | CifarFormat;

/** A dataset's files, by the names that the format gives them. */
export interface DatasetFiles {
  readonly format: DatasetFormat;
  readonly paths: Readonly<Record<string, string>>;
}

/**
 * Reads and checks a dataset.
 * @throws DatasetError naming the file, and the byte offset where there is one, of what is missing, short or damaged
 */
export function loadDataset({ format, paths }: DatasetFiles): Promise<ImageDataset> {
  return isCifar(format) ? loadCifarDataset(paths, format) : loadIdxDataset(idxPaths(paths));
}

/** Reads and checks a dataset as {@link loadDataset} does, and says what is in it. @throws DatasetError as it does */
export async function describeDataset(files: DatasetFiles): Promise<DatasetDescription> {
  const { input, classes, classNames, trainImages, testImages, classCounts, ...loaded } =
    await loadDataset(files);
  const { files: stored, digest } = loaded;
  return { input, classes, classNames, trainImages, testImages, classCounts, files: stored, digest };
}

const isCifar = (format: DatasetFormat): format is CifarFormat => Object.hasOwn(CIFAR_LAYOUTS, format);

function idxPaths(paths: DatasetFiles['paths']): IdxPaths {
  const pathOf = (name: keyof IdxPaths): string => {
    const path = paths[name];
    if (path === undefined)
      throw new DatasetError(`there is no ${name}; an IDX dataset has ${IDX_FILES.join(', ')}`);
    return path;
  };
  return {
    trainImages: pathOf('trainImages'),
    trainLabels: pathOf('trainLabels'),
    testImages: pathOf('testImages'),
    testLabels: pathOf('testLabels'),
  };
}

const IDX_FILES: readonly (keyof IdxPaths)[] = ['trainImages', 'trainLabels', 'testImages', 'testLabels'];
