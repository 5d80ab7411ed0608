import type { MulterModuleOptions } from '@nestjs/platform-express';
import { BoundedDiskStorage } from './bounded-disk-storage.js';

export const UPLOAD_LIMITS = Symbol('UploadLimits');
export const DEFAULT_FILE_BYTES = 2 ** 31;
const DEFAULT_UPLOAD_BYTES = 2 ** 33;

export const MAX_FIELDS = 8;

export interface UploadLimits {
  /** Where uploaded files lie until they are stored. */
  readonly folder: string;
  readonly maxFileBytes?: number | undefined;
  /** Of all files of a request. */
  readonly maxUploadBytes?: number | undefined;
}

/** What the requests of a route may have. */
export interface UploadParts {
  readonly files: number;
  /** Of one text part. */
  readonly fieldBytes: number;
}

/**
 * Multer with its own names for the files, so that a client's file name never becomes a path; what it said, with folders
 * and in UTF-8, is kept beside it.
 */
export function multerOptions(
  { folder, maxFileBytes = DEFAULT_FILE_BYTES, maxUploadBytes = DEFAULT_UPLOAD_BYTES }: UploadLimits,
  { files, fieldBytes }: UploadParts,
): MulterModuleOptions {
  const charset = { defParamCharset: 'utf8' }; // which Nest's type does not know yet
  return {
    ...charset,
    preservePath: true,
    storage: new BoundedDiskStorage(folder, maxUploadBytes),
    limits: {
      fileSize: maxFileBytes,
      // One more than there are: so it is Multer's check of the parts' names that refuses it, and names it.
      files: files + 1,
      fields: MAX_FIELDS,
      fieldSize: fieldBytes,
      parts: files + 1 + MAX_FIELDS,
    },
  };
}
