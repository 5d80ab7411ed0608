import { createHash } from 'node:crypto';

/**
 * JSON in the one form that RFC 8785 gives it: no white space, keys by their UTF-16 code units, numbers as ECMAScript writes
 * them. Keys whose value is undefined are left out.
 * @throws TypeError for what JSON cannot say: an infinite number, a function, half of a surrogate pair
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) return canonicalObject(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`);
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
    throw new TypeError(`half of a surrogate pair in ${JSON.stringify(value)}`);
  }
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`JSON has no ${typeof value}`);
  return text;
}

/** SHA-256 of the canonical JSON, as hex digits. */
export function canonicalDigest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

function canonicalObject(value: object): string {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, each]) => `${canonicalJson(key)}:${canonicalJson(each)}`).join(',')}}`;
}
