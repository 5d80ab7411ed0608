import type { MulterModuleOptions } from '@nestjs/platform-express';
import { diskStorage } from 'multer';
import { DATASET_FILES } from '#contracts';

export const UPLOAD_LIMITS = Symbol('UploadLimits');
const DEFAULT_FILE_BYTES = 2 ** 31;

export interface UploadLimits {
  /** Where uploaded files lie until they are stored. */
  readonly folder: string;
  readonly maxFileBytes?: number | undefined;
}

/** Multer with its own names for the files, so that a client's file name never becomes a path. */
export function multerOptions({
  folder,
  maxFileBytes = DEFAULT_FILE_BYTES,
}: UploadLimits): MulterModuleOptions {
  return {
    storage: diskStorage({ destination: folder }),
    limits: {
      fileSize: maxFileBytes,
      // One more than there are: so it is Multer's check of the parts' names that refuses it, and names it.
      files: DATASET_FILES.length + 1,
      fields: 8,
      fieldSize: 1024,
      parts: DATASET_FILES.length + 8,
    },
  };
}
