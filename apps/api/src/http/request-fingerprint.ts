import { createHash } from 'node:crypto';
import type { Request } from 'express';

const UPLOADS = new WeakMap<Request, Readonly<Record<string, string>>>();

/** Has the files of a multipart request count as part of its body: their SHA-256 by part. */
export function noteUploadDigests(request: Request, digests: Readonly<Record<string, string>>): void {
  UPLOADS.set(request, digests);
}

/** SHA-256 over method, path and body; the order of a JSON object's fields does not matter. */
export function requestFingerprint(request: Request): string {
  const { method, path, body } = request as { method: string; path: string; body: unknown };
  const content = [method, path, sorted(body), sorted(UPLOADS.get(request))];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
