import { echoed, fieldPath, type FieldError } from '#contracts';

// PostgreSQL stores neither U+0000 nor half a surrogate pair, in text or in jsonb.
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const EXPECTED = 'text without U+0000 and without unpaired surrogates';

/** Every string, and every name of a field, in `input` that the database cannot hold. */
export function unstorableStrings(
  input: unknown,
  root: string,
  path: readonly PropertyKey[] = [],
): FieldError[] {
  if (typeof input === 'string') {
    return UNSTORABLE.test(input)
      ? [{ field: fieldPath(path, root), value: echoed(input), expected: EXPECTED }]
      : [];
  }
  if (Array.isArray(input)) {
    return input.flatMap((item, index) => unstorableStrings(item, root, [...path, index]));
  }
  if (typeof input !== 'object' || input === null) return [];
  return Object.entries(input).flatMap(([key, value]) => [
    ...unstorableStrings(key, root, path),
    ...unstorableStrings(value, root, [...path, key]),
  ]);
}
