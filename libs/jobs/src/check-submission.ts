import {
  AppError,
  MAX_RATIOS,
  type Calibration,
  type CreateJob,
  type Dataset,
  type FieldError,
} from '#contracts';

/** @throws AppError dataset_does_not_fit naming every training option that asks for more than the dataset has */
export function checkDatasetFits(request: CreateJob, dataset: Dataset): void {
  const { trainImages, testImages, batchSize, augmentation } = request.training;
  const side = Math.min(dataset.input.height, dataset.input.width);
  const usable = Math.min(trainImages ?? dataset.trainImages, dataset.trainImages);
  const faults = [
    atMost('training.trainImages', trainImages, dataset.trainImages, 'training images of the dataset'),
    atMost('training.testImages', testImages, dataset.testImages, 'test images of the dataset'),
    atMost('training.batchSize', batchSize, usable, 'training images used'),
    atMost(
      'training.augmentation.crop',
      augmentation?.crop,
      side - 1,
      "pixels of an image's shorter side, less one",
    ),
  ].filter((fault) => fault !== undefined);
  if (faults.length === 0) return;
  const detail = `dataset "${dataset.name}" is too small for ${faults.map((fault) => fault.field).join(', ')}`;
  throw new AppError('dataset_does_not_fit', detail, { fields: faults });
}

/** @throws AppError invalid_request (naming calibrationId) for more ratios than a job trains */
export function checkRatiosFit({ id, ratios }: Calibration): void {
  if (ratios.length <= MAX_RATIOS) return;
  const expected = `a calibration of at most ${MAX_RATIOS} different ratios; this one has ${ratios.length}`;
  throw new AppError('invalid_request', `calibrationId is "${id}": expected ${expected}`, {
    fields: [{ field: 'calibrationId', value: id, expected }],
  });
}

function atMost(field: string, value: number | undefined, limit: number, of: string): FieldError | undefined {
  if (value === undefined || value <= limit) return undefined;
  return { field, value, expected: `at most ${limit}, the number of ${of}` };
}
