import { Module } from '@nestjs/common';
import { SweepVerbsController } from './sweep-verbs.controller.js';
import { SweepsController } from './sweeps.controller.js';

@Module({ controllers: [SweepsController, SweepVerbsController] })
export class SweepsModule {}
