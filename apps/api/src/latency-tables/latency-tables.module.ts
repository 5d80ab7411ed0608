import { Module } from '@nestjs/common';
import { uploads } from '../uploads/uploads.module.js';
import { DeviceLatencyTablesController } from './device-latency-tables.controller.js';
import { IMPORT_PARTS } from './import.request.js';
import { LatencyTablesController } from './latency-tables.controller.js';

@Module({
  imports: [uploads(IMPORT_PARTS)],
  controllers: [LatencyTablesController, DeviceLatencyTablesController],
})
export class LatencyTablesModule {}
