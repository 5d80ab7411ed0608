import type { Request } from 'express';
import { diskStorage, type StorageEngine } from 'multer';
import { AppError } from '#contracts';

type Done = Parameters<StorageEngine['_handleFile']>[2];

/**
 * Multer's files on the disk, as many bytes of one request as it may bring. Multer bounds single files alone; they are
 * counted when they are there, so that a request may have brought one file too many by the time it is refused.
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
    this.disk._handleFile(request, file, (error?: unknown, info?: Partial<Express.Multer.File>) => {
      if (error || info === undefined) return done(error);
      const bytes = (this.bytes.get(request) ?? 0) + (info.size ?? 0);
      this.bytes.set(request, bytes);
      if (bytes <= this.maxBytes) return done(undefined, info);
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
