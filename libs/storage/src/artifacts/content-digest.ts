import { createHash, type Hash } from 'node:crypto';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, notFound, Sha256 } from '#contracts';

/** Whether it can name an artifact; anything else, such as `../x`, must not become part of a path or key. */
export function isDigest(digest: string): boolean {
  return Sha256.safeParse(digest).success;
}

/** @throws AppError not_found for what is no digest */
export function requireDigest(digest: string): void {
  if (!isDigest(digest)) throw notFound('artifact', digest);
}

/** Passes content on and adds it to `hash`. @param atEnd what it throws fails the content before its end */
export function hashing(hash: Hash, atEnd: () => void = () => {}): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      try {
        atEnd();
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

/** Passes content on, and fails with artifact_corrupt before its end when it is not the content of `digest`. */
export function checking(digest: string): Transform {
  const hash = createHash('sha256');
  return hashing(hash, () => checkDigest(digest, hash));
}

/** @throws AppError artifact_corrupt */
export function checkDigest(digest: string, hash: Hash): void {
  const found = hash.digest('hex');
  if (found === digest) return;
  throw new AppError('artifact_corrupt', `the content of artifact ${digest} has the SHA-256 ${found}`);
}

/** @throws AppError artifact_corrupt, or the stream's error */
export async function verifyContent(digest: string, content: Readable): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(content, hash);
  checkDigest(digest, hash);
}
