import {
  AppError,
  type CreateAddendum,
  type Dataset,
  type ModelAddendum,
  type ModelVersion,
} from '#contracts';
import { ratiosOf } from '../version-ratios.js';

/** As many as one bundle may have, with all addenda. */
const MOST_RATIOS = 256;

/**
 * @throws AppError already_exists for a ratio that the version has; invalid_request for one that does not lie between trained ones, or
 * where the version would have too many. Both name the ratio by its place.
 */
export function checkRatios(
  { ratios }: CreateAddendum,
  version: ModelVersion,
  addenda: readonly ModelAddendum[],
): void {
  const known = ratiosOf(version, addenda).map(({ ratio }) => ratio);
  const trained = version.ratios.filter(({ derived }) => !derived).map(({ ratio }) => ratio);
  const [least, most] = [Math.min(...trained), Math.max(...trained)];
  if (known.length + ratios.length > MOST_RATIOS) {
    const expected = `so few that the version, which has ${known.length}, has at most ${MOST_RATIOS}`;
    throw invalid('ratios', ratios.join(', '), expected);
  }
  for (const [index, ratio] of ratios.entries()) {
    const place = `ratios[${index}]`;
    if (known.includes(ratio)) {
      const expected = `none that the version has: ${known.join(', ')}`;
      const fields = [{ field: place, value: ratio, expected }];
      throw new AppError('already_exists', `${place} is ${ratio}: expected ${expected}`, { fields });
    }
    if (ratio <= least || ratio >= most)
      throw invalid(
        place,
        ratio,
        `a ratio between the smallest and the largest trained one, ${least} and ${most}`,
      );
  }
}

/** @throws AppError dataset_does_not_fit (naming datasetId) for other images or classes than the version's */
export function checkDataset(dataset: Dataset, { input, classes }: ModelVersion): void {
  const shapeOf = (of: Pick<ModelVersion, 'input' | 'classes'>) =>
    `${of.input.channels}x${of.input.height}x${of.input.width} images of ${of.classes} classes`;
  const [found, wanted] = [shapeOf(dataset), shapeOf({ input, classes })];
  if (found === wanted) return;
  const expected = `a dataset of ${wanted}, as the version's; this one has ${found}`;
  throw new AppError('dataset_does_not_fit', `dataset "${dataset.name}": expected ${expected}`, {
    fields: [{ field: 'datasetId', value: dataset.id, expected }],
  });
}

/** The error of a field of a request. */
export function invalid(field: string, value: unknown, expected: string): AppError {
  const found = value === undefined ? 'missing' : JSON.stringify(value);
  return new AppError('invalid_request', `${field} is ${found}: expected ${expected}`, {
    fields: [{ field, value, expected }],
  });
}
