import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DatasetError } from './dataset-error.js';

export interface StoredBytes {
  /** SHA-256 of the file as it is stored, so compressed where it is compressed. */
  readonly digest: string;
  readonly bytes: number;
}

export interface ReadBytes extends StoredBytes {
  /** Whether the file is gzip. */
  readonly compressed: boolean;
}

const GZIP_MAGIC = '1f8b';

/**
 * Streams a file, plain or gzip, into `take` chunk by chunk and digests it on the way. `take` throws as soon as a
 * byte cannot be right, so that a wrong file is refused before its claimed size is held in memory.
 * @throws DatasetError naming the file, for what is no file or unreadable, and for damaged gzip data; whatever `take` throws.
 */
export async function readContent(file: string, take: (chunk: Buffer) => void): Promise<ReadBytes> {
  const hash = createHash('sha256');
  let bytes = 0;
  const digesting = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  const taking = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) take(chunk);
  };
  const gunzip = createGunzip();
  let compressed: boolean;
  try {
    // Before it is opened: opening a FIFO waits for who writes to it, maybe for ever.
    if (!(await stat(file)).isFile()) throw new DatasetError('is not a file', { file });
    compressed = await isGzip(file);
    const stored = createReadStream(file, { highWaterMark: 1 << 20 });
    if (compressed) await pipeline(stored, digesting, gunzip, taking);
    else await pipeline(stored, digesting, taking);
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('Z_'))
      throw new DatasetError(`cannot be read: ${message}`, { file }, { cause: error });
    const where = { file, byteOffset: gunzip.bytesWritten };
    throw new DatasetError(`damaged gzip data: ${message}`, where, { cause: error });
  }
  return { digest: hash.digest('hex'), bytes, compressed };
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.subarray(0, bytesRead).toString('hex') === GZIP_MAGIC;
  } finally {
    await handle.close();
  }
}
