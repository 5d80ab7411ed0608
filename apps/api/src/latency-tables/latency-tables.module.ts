import { Module } from '@nestjs/common';
import { uploads } from '../uploads/uploads.module.js';
import { DeviceLatencyTablesController } from './device-latency-tables.controller.js';
import { MAX_IMPORTED_FILES, MAX_OPTIONS_BYTES } from './import.request.js';
import { LatencyTablesController } from './latency-tables.controller.js';

@Module({
  imports: [uploads({ files: MAX_IMPORTED_FILES, fieldBytes: MAX_OPTIONS_BYTES })],
  controllers: [LatencyTablesController, DeviceLatencyTablesController],
})
export class LatencyTablesModule {}
