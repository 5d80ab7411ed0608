import { Module } from '@nestjs/common';
import { LatencyTablesController } from './latency-tables.controller.js';
import { LeasesController } from './leases.controller.js';
import { MeasuringTasksController } from './measuring-tasks.controller.js';

@Module({ controllers: [LeasesController, MeasuringTasksController, LatencyTablesController] })
export class MeasuringModule {}
