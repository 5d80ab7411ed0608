import { Module } from '@nestjs/common';
import { CalibrationsController } from './calibrations.controller.js';

@Module({ controllers: [CalibrationsController] })
export class CalibrationsModule {}
