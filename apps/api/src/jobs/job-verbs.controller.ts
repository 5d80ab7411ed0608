import { Body, Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ContinueJob, Job, PrioritiseJob, type Actor } from '#contracts';
import { JobService } from '#jobs';
import { CurrentActor } from '../http/current-actor.js';
import { ResourceId } from '../http/resource-id.js';
import { Verb } from '../http/verb.decorator.js';

const JOB = { description: 'the job; its state says whether somebody is still to stop', schema: Job };

/** What users do to jobs. Saying a verb again changes nothing, so none needs an Idempotency-Key. */
@ApiTags('jobs')
@Controller('v1/jobs/:id')
export class JobVerbsController {
  constructor(private readonly jobs: JobService) {}

  @Verb('cancel', {
    id: 'cancelJob',
    summary: 'Cancel a job',
    description:
      'A worker that trains it is stopped at once: the job is `cancelling` until it has. The last checkpoint is kept for a retry.',
    answer: JOB,
  })
  cancel(@CurrentActor() actor: Actor, @ResourceId('job') id: string): Promise<Job> {
    return this.jobs.cancel(actor, id);
  }

  @Verb('pause', {
    id: 'pauseJob',
    summary: 'Pause a job',
    description:
      'A worker that trains it keeps a checkpoint and stops; what a device measures is measured to its end. The job is `pausing` until then.',
    answer: JOB,
  })
  pause(@CurrentActor() actor: Actor, @ResourceId('job') id: string): Promise<Job> {
    return this.jobs.pause(actor, id);
  }

  @Verb('resume', {
    id: 'resumeJob',
    summary: 'Resume a paused job',
    description: 'It goes on from its checkpoint, on any worker.',
    answer: JOB,
  })
  resume(@CurrentActor() actor: Actor, @ResourceId('job') id: string): Promise<Job> {
    return this.jobs.resume(actor, id);
  }

  @Verb('retry', {
    id: 'retryJob',
    summary: 'Retry a failed or cancelled job',
    description: 'It goes on in the stage in which it ended, from its last checkpoint.',
    answer: JOB,
  })
  retry(@CurrentActor() actor: Actor, @ResourceId('job') id: string): Promise<Job> {
    return this.jobs.retry(actor, id);
  }

  @Verb('continue', {
    id: 'continueJob',
    summary: 'Take a job that was to end with an earlier stage further',
    description: 'A candidate that was trained with `until: train` is verified, or published.',
    answer: JOB,
    hasBody: true,
  })
  goOn(
    @CurrentActor() actor: Actor,
    @ResourceId('job') id: string,
    @Body({ schema: ContinueJob }) { until }: ContinueJob,
  ): Promise<Job> {
    return this.jobs.goOn(actor, id, until);
  }

  @Verb('priority', {
    id: 'prioritiseJob',
    summary: 'Give a job another priority',
    description: 'One that waits is moved in its queue at once.',
    answer: JOB,
    hasBody: true,
  })
  prioritise(
    @CurrentActor() actor: Actor,
    @ResourceId('job') id: string,
    @Body({ schema: PrioritiseJob }) { priority }: PrioritiseJob,
  ): Promise<Job> {
    return this.jobs.prioritise(actor, id, priority);
  }
}
