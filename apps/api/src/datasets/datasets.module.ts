import { Module } from '@nestjs/common';
import { MulterModule } from '@nestjs/platform-express';
import { DatasetsController } from './datasets.controller.js';
import { multerOptions, UPLOAD_LIMITS } from './upload-limits.js';

@Module({
  imports: [MulterModule.registerAsync({ inject: [UPLOAD_LIMITS], useFactory: multerOptions })],
  controllers: [DatasetsController],
})
export class DatasetsModule {}
