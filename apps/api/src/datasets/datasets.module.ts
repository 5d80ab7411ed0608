import { Module } from '@nestjs/common';
import { DatasetsController } from './datasets.controller.js';
import { uploads } from '../uploads/uploads.module.js';
import { MAX_UPLOADED_FILES } from './uploaded-files.js';

@Module({
  imports: [uploads({ files: MAX_UPLOADED_FILES, fieldBytes: 1024 })],
  controllers: [DatasetsController],
})
export class DatasetsModule {}
