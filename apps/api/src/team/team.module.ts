import { Module } from '@nestjs/common';
import { ProtectedAliasesController } from './protected-aliases.controller.js';
import { TeamLimitsController } from './team-limits.controller.js';

@Module({ controllers: [TeamLimitsController, ProtectedAliasesController] })
export class TeamModule {}
