import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { finished, Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '#contracts';

/** What came of a body before it ended or broke off. */
export interface ReceivedBody {
  readonly bytes: number;
  /** SHA-256 of it; none of one that broke off. */
  readonly digest: string | undefined;
  /** Why it broke off. */
  readonly failure: Error | undefined;
}

/** What came meanwhile is written at once: many small writes would take longer than the network. */
const BUFFERED_BYTES = 1024 * 1024;

/**
 * Writes a body to a file. Of one that breaks off the file has the beginning.
 * @throws what `tooLong` makes for a body of more than `maxBytes` bytes
 */
export async function receiveBody(
  body: Readable,
  file: string,
  { maxBytes, tooLong }: { readonly maxBytes: number; readonly tooLong: () => AppError },
): Promise<ReceivedBody> {
  const hash = createHash('sha256');
  const target = createWriteStream(file, { flags: 'wx', highWaterMark: BUFFERED_BYTES });
  const closed = new Promise<void>((resolve) => finished(target, () => resolve()));
  let came = 0;
  const through = new Transform({
    highWaterMark: BUFFERED_BYTES,
    transform(chunk: Buffer, _encoding, done) {
      came += chunk.length;
      if (came > maxBytes) return done(tooLong());
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(body, through, target);
    return { bytes: came, digest: hash.digest('hex'), failure: undefined };
  } catch (error) {
    if (error instanceof AppError) throw error;
    // What is being written is written before a stream closes.
    await closed;
    return { bytes: (await stat(file)).size, digest: undefined, failure: error as Error };
  }
}
