import { Module } from '@nestjs/common';
import { TeamLimitsController } from './team-limits.controller.js';

@Module({ controllers: [TeamLimitsController] })
export class TeamModule {}
