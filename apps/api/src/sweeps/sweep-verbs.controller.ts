import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PrioritiseJob, Sweep, type Actor } from '#contracts';
import { SweepService } from '#jobs';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { ResourceId } from '../http/resource-id.js';
import { BODY_PROBLEMS, Documented, type Documentation } from '../openapi/documented.decorator.js';

/** The answer of every verb: at once, with the sweep as the verb left it. */
const verb = (id: string, summary: string, description: string, hasBody = false): Documentation => ({
  ...{ id, summary, description },
  answers: { 202: { description: 'the sweep; some of its jobs may still be stopping', schema: Sweep } },
  problems: ['not_found', 'job_state_conflict', ...(hasBody ? BODY_PROBLEMS : [])],
});

/** What users do to all jobs of a sweep that allow it. Saying a verb again changes nothing. */
@ApiTags('sweeps')
@Controller('v1/sweeps/:id')
export class SweepVerbsController {
  constructor(private readonly sweeps: SweepService) {}

  @Post('cancel')
  @Allows('member')
  @HttpCode(202)
  @Documented(verb('cancelSweep', 'Cancel a sweep', 'Every job that has not ended is cancelled.'))
  cancel(@CurrentActor() actor: Actor, @ResourceId('sweep') id: string): Promise<Sweep> {
    return this.sweeps.cancel(actor, id);
  }

  @Post('pause')
  @Allows('member')
  @HttpCode(202)
  @Documented(verb('pauseSweep', 'Pause a sweep', 'Every job that has not ended is paused.'))
  pause(@CurrentActor() actor: Actor, @ResourceId('sweep') id: string): Promise<Sweep> {
    return this.sweeps.pause(actor, id);
  }

  @Post('resume')
  @Allows('member')
  @HttpCode(202)
  @Documented(
    verb('resumeSweep', 'Resume a paused sweep', 'Its paused jobs go on, at most `maxParallel` at once.'),
  )
  resume(@CurrentActor() actor: Actor, @ResourceId('sweep') id: string): Promise<Sweep> {
    return this.sweeps.resume(actor, id);
  }

  @Post('retry')
  @Allows('member')
  @HttpCode(202)
  @Documented(
    verb(
      'retrySweep',
      'Retry the failed jobs of a sweep',
      'Of a sweep that was cancelled, the cancelled ones. What succeeded stays.',
    ),
  )
  retry(@CurrentActor() actor: Actor, @ResourceId('sweep') id: string): Promise<Sweep> {
    return this.sweeps.retry(actor, id);
  }

  @Post('priority')
  @Allows('member')
  @HttpCode(202)
  @Documented(
    verb('prioritiseSweep', 'Give a sweep another priority', 'Every job that has not ended gets it.', true),
  )
  prioritise(
    @CurrentActor() actor: Actor,
    @ResourceId('sweep') id: string,
    @Body({ schema: PrioritiseJob }) { priority }: PrioritiseJob,
  ): Promise<Sweep> {
    return this.sweeps.prioritise(actor, id, priority);
  }
}
