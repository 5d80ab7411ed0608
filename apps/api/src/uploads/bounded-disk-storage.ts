import { createHash, type Hash } from 'node:crypto';
import { pipeline, Transform, type Readable } from 'node:stream';
import type { Request } from 'express';
import { diskStorage, type StorageEngine } from 'multer';
import { AppError } from '#contracts';

type Done = Parameters<StorageEngine['_handleFile']>[2];

/** A file on the disk with what the storage adds to Multer's own description. */
export interface UploadedFile extends Express.Multer.File {
  /** SHA-256, hexadecimal. */
  readonly digest: string;
}

/**
 * Multer's files on the disk, hashed on their way there, as many bytes of one request as it may bring. Multer bounds single
 * files alone; they are counted when they are there, so that a request may have brought one file too many by the time it is
 * refused.
 */
export class BoundedDiskStorage implements StorageEngine {
  private readonly disk: StorageEngine;
  private readonly bytes = new WeakMap<Request, number>();

  constructor(
    folder: string,
    private readonly maxBytes: number,
  ) {
    this.disk = diskStorage({ destination: folder });
  }

  _handleFile(request: Request, file: Express.Multer.File, done: Done): void {
    const hash = createHash('sha256');
    // In the file that Multer gave: its storage knows files again by identity.
    Object.defineProperty(file, 'stream', { configurable: true, value: hashed(file.stream, hash) });
    this.disk._handleFile(request, file, (error?: unknown, info?: Partial<Express.Multer.File>) => {
      if (error || info === undefined) return done(error);
      const stored: Partial<UploadedFile> = { ...info, digest: hash.digest('hex') };
      const bytes = (this.bytes.get(request) ?? 0) + (info.size ?? 0);
      this.bytes.set(request, bytes);
      if (bytes <= this.maxBytes) return done(undefined, stored);
      // Multer forgets a file that comes with an error.
      this._removeFile(request, { ...file, ...info }, () => done(this.tooLarge(file.fieldname)));
    });
  }

  _removeFile(request: Request, file: Express.Multer.File, done: (error: Error | null) => void): void {
    this.disk._removeFile(request, file, done);
  }

  private tooLarge(field: string): AppError {
    const expected = `files of at most ${this.maxBytes} bytes in all`;
    return new AppError('payload_too_large', `${field}: expected ${expected}`, {
      fields: [{ field, expected }],
    });
  }
}

/** The same bytes; either stream's error is the other one's too. */
function hashed(bytes: Readable, hash: Hash): Readable {
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return pipeline(bytes, through, () => {}); // who reads hears of errors
}
