import { Module } from '@nestjs/common';
import { JobRecordsController } from './job-records.controller.js';
import { JobVerbsController } from './job-verbs.controller.js';
import { JobsController } from './jobs.controller.js';

@Module({ controllers: [JobsController, JobVerbsController, JobRecordsController] })
export class JobsModule {}
