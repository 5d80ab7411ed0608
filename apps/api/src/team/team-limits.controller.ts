import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { TeamLimits, type Actor } from '#contracts';
import { WorkerService } from '#jobs';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';

const LIMITS_ANSWER = { 200: { description: 'the limits', schema: TeamLimits } };

/** How much of the cluster the team may use. */
@ApiTags('team')
@Controller('v1/team/limits')
export class TeamLimitsController {
  constructor(private readonly workers: WorkerService) {}

  @Get()
  @Allows('viewer')
  @Documented({ id: 'getTeamLimits', summary: "Read the team's limits", answers: LIMITS_ANSWER })
  get(@CurrentActor() actor: Actor): Promise<TeamLimits> {
    return this.workers.limitsOf(actor);
  }

  @Put()
  @Allows('admin')
  @Documented({
    id: 'setTeamLimits',
    summary: 'Limit how many jobs the team trains at once',
    description: 'Trainings that run go on; others begin once there are fewer than the limit.',
    answers: LIMITS_ANSWER,
    problems: BODY_PROBLEMS,
  })
  set(@CurrentActor() actor: Actor, @Body({ schema: TeamLimits }) limits: TeamLimits): Promise<TeamLimits> {
    return this.workers.limit(actor, limits);
  }
}
