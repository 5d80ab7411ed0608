import { createHash, type Hash } from 'node:crypto';

/** Stands where the digest will be: a file cannot contain its own. */
export const NO_DIGEST = '0'.repeat(64);

/** Writes a file's digest where it holds `NO_DIGEST`, and gives the same bytes. */
export function seal(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const digest = digestWithout(NO_DIGEST, bytes);
  file.write(digest, file.indexOf(NO_DIGEST, 0, 'latin1'), 'latin1');
  return bytes;
}

/** SHA-256 of a file in which `digest`, at its first place, reads as zeros; of all of it where it has no such place. */
export function digestWithout(digest: string, bytes: Uint8Array): string {
  return beginDigestWithout(digest, bytes).digest('hex');
}

/** The same, of a file that goes on behind a beginning which has the digest's place. */
export function beginDigestWithout(digest: string, start: Uint8Array): Hash {
  const file = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  const at = Math.max(0, file.indexOf(digest, 0, 'latin1'));
  const hash = createHash('sha256').update(file.subarray(0, at)).update(NO_DIGEST);
  return hash.update(file.subarray(at + NO_DIGEST.length));
}
