import { AppError } from '#contracts';

/** The error of a filter that cannot be read on from a place. */
export function badFilter(filter: string, at: number, expected: string): AppError {
  const rest = filter.slice(at, at + 30);
  const where = rest === '' ? 'at its end' : `at "${rest}"`;
  return new AppError('invalid_request', `filter, ${where}: expected ${expected}`, {
    fields: [{ field: 'filter', value: filter, expected: `${expected} ${where}` }],
  });
}
