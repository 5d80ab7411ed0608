import type { Dataset, DatasetFile } from '#contracts';
import type { ArtifactStore } from '#storage';
import type { TrainingOrder } from './training-messages.js';

/**
 * Where this machine has a dataset's files: the paths that it was registered with, or copies by digest.
 * @throws AppError not_found or artifact_corrupt
 */
export async function datasetFiles(
  dataset: Dataset,
  artifacts: ArtifactStore,
): Promise<TrainingOrder['dataset']['files']> {
  const locate = async (file: DatasetFile) => {
    const { path, digest } = dataset.files[file];
    return path ?? (await artifacts.localFile(digest));
  };
  return {
    trainImages: await locate('trainImages'),
    trainLabels: await locate('trainLabels'),
    testImages: await locate('testImages'),
    testLabels: await locate('testLabels'),
  };
}
