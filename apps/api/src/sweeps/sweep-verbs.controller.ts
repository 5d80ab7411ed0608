import { Body, Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PrioritiseJob, Sweep, type Actor } from '#contracts';
import { SweepService } from '#jobs';
import { CurrentActor } from '../http/current-actor.js';
import { ResourceId } from '../http/resource-id.js';
import { Verb } from '../http/verb.decorator.js';

const SWEEP = { description: 'the sweep; some of its jobs may still be stopping', schema: Sweep };

/** What users do to all jobs of a sweep that allow it. Saying a verb again changes nothing. */
@ApiTags('sweeps')
@Controller('v1/sweeps/:id')
export class SweepVerbsController {
  constructor(private readonly sweeps: SweepService) {}

  @Verb('cancel', {
    id: 'cancelSweep',
    summary: 'Cancel a sweep',
    description: 'Every job that has not ended is cancelled.',
    answer: SWEEP,
  })
  cancel(@CurrentActor() actor: Actor, @ResourceId('sweep') id: string): Promise<Sweep> {
    return this.sweeps.cancel(actor, id);
  }

  @Verb('pause', {
    id: 'pauseSweep',
    summary: 'Pause a sweep',
    description: 'Every job that has not ended is paused.',
    answer: SWEEP,
  })
  pause(@CurrentActor() actor: Actor, @ResourceId('sweep') id: string): Promise<Sweep> {
    return this.sweeps.pause(actor, id);
  }

  @Verb('resume', {
    id: 'resumeSweep',
    summary: 'Resume a paused sweep',
    description: 'Its paused jobs go on, at most `maxParallel` at once.',
    answer: SWEEP,
  })
  resume(@CurrentActor() actor: Actor, @ResourceId('sweep') id: string): Promise<Sweep> {
    return this.sweeps.resume(actor, id);
  }

  @Verb('retry', {
    id: 'retrySweep',
    summary: 'Retry the failed jobs of a sweep',
    description: 'Of a sweep that was cancelled, the cancelled ones. What succeeded stays.',
    answer: SWEEP,
  })
  retry(@CurrentActor() actor: Actor, @ResourceId('sweep') id: string): Promise<Sweep> {
    return this.sweeps.retry(actor, id);
  }

  @Verb('priority', {
    id: 'prioritiseSweep',
    summary: 'Give a sweep another priority',
    description: 'Every job that has not ended gets it.',
    answer: SWEEP,
    hasBody: true,
  })
  prioritise(
    @CurrentActor() actor: Actor,
    @ResourceId('sweep') id: string,
    @Body({ schema: PrioritiseJob }) { priority }: PrioritiseJob,
  ): Promise<Sweep> {
    return this.sweeps.prioritise(actor, id, priority);
  }
}
