import { AppError } from '#contracts';
import type { ByteRange } from './artifact-store.js';

/** @throws AppError range_not_satisfiable for what is no range of any content */
export function checkRange(range: ByteRange): void {
  const { first, last } = range;
  const isRange = Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 0 && last >= first;
  if (!isRange) throw outsideContent(range);
}

/** The error of a range that holds no byte of the content. */
export function outsideContent({ first, last }: ByteRange): AppError {
  const expected = 'a range that begins within the content';
  return new AppError('range_not_satisfiable', `range is ${first}-${last}: expected ${expected}`, {
    fields: [{ field: 'range', value: `${first}-${last}`, expected }],
  });
}
