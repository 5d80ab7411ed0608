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

const GZIP_MAGIC = '1f8b';

/**
 * What gzip data may unpack to: so much in any case, and so many times their size. Images of the usual sets unpack to
 * 2 to 20 times; gzip goes up to 1032, with which 2 MB fill 2 GB of memory.
 */
const FREE_UNPACKED_BYTES = 2 ** 26;
const MAX_EXPANSION = 100;

/**
 * Streams a file, plain or gzip, into `take` chunk by chunk and digests it on the way. `take` throws as soon as a
 * byte cannot be right, so that a wrong file is refused before its claimed size is held in memory.
 * @param take is told with each chunk whether the file is gzip
 * @throws DatasetError naming the file, for what is no file or unreadable, and for gzip data that are damaged or unpack
 * to too much; whatever `take` throws.
 */
export async function readContent(
  file: string,
  take: (chunk: Buffer, compressed: boolean) => void,
): Promise<StoredBytes> {
  const hash = createHash('sha256');
  let bytes = 0;
  const digesting = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  let unpacked = 0;
  const taking = (isPacked: boolean) => async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      unpacked += chunk.length;
      if (isPacked) refuseBomb(file, bytes, unpacked);
      take(chunk, isPacked);
    }
  };
  const gunzip = createGunzip();
  try {
    // Before it is opened: opening a FIFO waits for who writes to it, maybe for ever.
    if (!(await stat(file)).isFile()) throw new DatasetError('is not a file', { file });
    const compressed = await isGzip(file);
    const stored = createReadStream(file, { highWaterMark: 1 << 20 });
    if (compressed) await pipeline(stored, digesting, gunzip, taking(true));
    else await pipeline(stored, digesting, taking(false));
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('Z_'))
      throw new DatasetError(`cannot be read: ${message}`, { file }, { cause: error });
    const where = { file, byteOffset: gunzip.bytesWritten };
    throw new DatasetError(`damaged gzip data: ${message}`, where, { cause: error });
  }
  return { digest: hash.digest('hex'), bytes };
}

function refuseBomb(file: string, packed: number, unpacked: number): void {
  if (unpacked <= FREE_UNPACKED_BYTES + MAX_EXPANSION * packed) return;
  const limit = `${FREE_UNPACKED_BYTES} bytes and ${MAX_EXPANSION} times its size`;
  throw new DatasetError(`unpacks to more than ${limit}: store it unpacked`, { file, byteOffset: unpacked });
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
