import { Module } from '@nestjs/common';
import { EnrolmentKeysController } from './enrolment-keys.controller.js';
import { EnrolmentsController } from './enrolments.controller.js';

@Module({ controllers: [EnrolmentKeysController, EnrolmentsController] })
export class EnrolmentsModule {}
