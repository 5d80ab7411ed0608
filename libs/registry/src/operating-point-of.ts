import { AppError, type Deployment } from '#contracts';

/** A point of a deployment. @throws AppError invalid_request, naming operatingPoint and the points that there are */
export function operatingPointOf(
  { id, points }: Deployment,
  operatingPoint: string,
): Deployment['points'][number] {
  const point = points.find((candidate) => candidate.operatingPoint === operatingPoint);
  if (point !== undefined) return point;
  const expected = `one of ${points.map((known) => `"${known.operatingPoint}"`).join(', ')}`;
  const detail = `deployment "${id}" has no operating point "${operatingPoint}": expected ${expected}`;
  const fields = [{ field: 'operatingPoint', value: operatingPoint, expected }];
  throw new AppError('invalid_request', detail, { fields });
}
