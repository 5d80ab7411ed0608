import { Module } from '@nestjs/common';
import { StabilityReportsController } from './stability-reports.controller.js';

@Module({ controllers: [StabilityReportsController] })
export class StabilityReportsModule {}
