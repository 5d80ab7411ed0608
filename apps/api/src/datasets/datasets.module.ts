import { Module } from '@nestjs/common';
import { DatasetsController } from './datasets.controller.js';
import { uploads } from '../uploads/uploads.module.js';
import { UPLOAD_PARTS } from './uploaded-files.js';

@Module({
  imports: [uploads(UPLOAD_PARTS)],
  controllers: [DatasetsController],
})
export class DatasetsModule {}
