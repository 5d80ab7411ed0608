import type { DynamicModule } from '@nestjs/common';
import { MulterModule } from '@nestjs/platform-express';
import { multerOptions, UPLOAD_LIMITS, type UploadLimits, type UploadParts } from './upload-limits.js';

/** Multer for the upload interceptors of a feature module. */
export function uploads(parts: UploadParts): DynamicModule {
  return MulterModule.registerAsync({
    inject: [UPLOAD_LIMITS],
    useFactory: (limits: UploadLimits) => multerOptions(limits, parts),
  });
}
