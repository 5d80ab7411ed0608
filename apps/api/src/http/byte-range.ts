import type { ByteRange } from '#storage';

/**
 * Reads a Range header (RFC 9110, section 14). Undefined means the whole file: no header, another unit, or several
 * ranges, which a server may answer with everything. `unsatisfiable` when it lies behind the file's end.
 */
export function byteRangeOf(
  header: string | undefined,
  fileBytes: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (match === null) return undefined;
  const [, from, to] = match;
  if (!from) return to ? suffixRange(Number(to), fileBytes) : undefined;
  const first = Number(from);
  const last = to ? Math.min(Number(to), fileBytes - 1) : fileBytes - 1;
  if (to && Number(to) < first) return undefined; // not a range at all
  return first >= fileBytes ? 'unsatisfiable' : { first, last };
}

/** The last `length` bytes. */
function suffixRange(length: number, fileBytes: number): ByteRange | 'unsatisfiable' {
  if (length === 0 || fileBytes === 0) return 'unsatisfiable';
  return { first: Math.max(0, fileBytes - length), last: fileBytes - 1 };
}
