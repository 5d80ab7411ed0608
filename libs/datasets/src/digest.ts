import { createHash } from 'node:crypto';
import type { StoredBytes } from './read-content.js';

/** A dataset's digest: SHA-256 over its files' digests in the format's order, joined by newlines. */
export function digestOfFiles(files: readonly StoredBytes[]): string {
  return sha256(files.map(({ digest }) => digest).join('\n'));
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
