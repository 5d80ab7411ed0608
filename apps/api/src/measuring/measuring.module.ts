import { Module } from '@nestjs/common';
import { LeasesController } from './leases.controller.js';
import { MeasuringTasksController } from './measuring-tasks.controller.js';

@Module({ controllers: [LeasesController, MeasuringTasksController] })
export class MeasuringModule {}
