import { isDeepStrictEqual } from 'node:util';
import {
  AppError,
  importedProtocol,
  MAX_RATIOS,
  untrainedRatiosExpectation,
  type Calibration,
  type CreateJob,
  type Dataset,
  type FieldError,
  type ImageInput,
  type LatencyTable,
  type ModelVersion,
  type NetworkSpec,
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

/** @throws AppError invalid_request (naming untrainedRatios) where a calibration's ratios leave no place for them */
export function checkUntrainedRatios(
  { untrainedRatios }: CreateJob,
  { ratios }: Pick<Calibration, 'ratios'>,
): void {
  const expected = untrainedRatios && untrainedRatiosExpectation(ratios, untrainedRatios);
  if (expected === undefined) return;
  const value = untrainedRatios!.join(', ');
  throw new AppError('invalid_request', `untrainedRatios are ${value}: expected ${expected}`, {
    fields: [{ field: 'untrainedRatios', value, expected: `${expected}, which are ${ratios.join(', ')}` }],
  });
}

/**
 * Weights fit one network alone: the same description, for the same images and classes.
 * @throws AppError invalid_request (naming warmStart) with both networks
 */
export function checkWarmStart(
  { network }: CreateJob,
  { input, classes }: Dataset,
  from: ModelVersion,
): void {
  // The fields come in any order, from users and from the database.
  if (isDeepStrictEqual([network, input, classes], [from.network, from.input, from.classes])) return;
  const wanted = described(network, input, classes);
  const found = described(from.network, from.input, from.classes);
  const value = `${from.model} version ${from.version}`;
  const expected = `a version of the job's own network, ${wanted}; this one is of ${found}`;
  throw new AppError('invalid_request', `warmStart is ${value}: expected ${expected}`, {
    fields: [{ field: 'warmStart', value, expected }],
  });
}

const described = (network: NetworkSpec, { channels, height, width }: ImageInput, classes: number): string =>
  `${JSON.stringify(network)} on ${channels}x${height}x${width} images of ${classes} classes`;

/**
 * What is trained is measured as the table was, or the two could not be compared.
 * @throws AppError invalid_request (naming calibrationId) where an imported table does not say how it was measured
 */
export function checkComparable({ id, latencyTableId }: Calibration, table: LatencyTable): void {
  if (table.measuringTaskId !== undefined || importedProtocol(table) !== undefined) return;
  const values = (of: 'batch' | 'threads') =>
    [...new Set(table.cells.map(({ provenance }) => provenance[of] ?? 'unknown'))].join(' and ');
  const expected =
    'a calibration of a latency table that says in which batches (1 to 1024) and on how many threads (1 to 64) it was ' +
    `measured, the same for all cells; table "${latencyTableId}" has batch ${values('batch')}, threads ` +
    `${values('threads')}: import it again with both`;
  throw new AppError('invalid_request', `calibrationId is "${id}": expected ${expected}`, {
    fields: [{ field: 'calibrationId', value: id, expected }],
  });
}

/** @throws AppError invalid_request (naming calibrationId) for more ratios than a job trains */
export function checkRatiosFit({ id, ratios }: Calibration): void {
  if (ratios.length <= MAX_RATIOS) return;
  const expected =
    `a calibration of at most ${MAX_RATIOS} different ratios; this one has ${ratios.length}: ask for one with ` +
    '`maxTrainedRatios`';
  throw new AppError('invalid_request', `calibrationId is "${id}": expected ${expected}`, {
    fields: [{ field: 'calibrationId', value: id, expected }],
  });
}

function atMost(field: string, value: number | undefined, limit: number, of: string): FieldError | undefined {
  if (value === undefined || value <= limit) return undefined;
  return { field, value, expected: `at most ${limit}, the number of ${of}` };
}
