export { DatasetError } from './dataset-error.js';
export { readIdxImages, readIdxLabels } from './idx-file.js';
export {
  describeIdxDataset,
  loadIdxDataset,
  type DatasetDescription,
  type IdxPaths,
  type ImageDataset,
} from './idx-dataset.js';
export { mnistPaths } from './mnist.js';
export { createTrainingData, type BatchOptions, type ImageTrainingData } from './training-data.js';
