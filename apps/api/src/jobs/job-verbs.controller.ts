import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ContinueJob, Job, PrioritiseJob, type Actor } from '#contracts';
import { JobService } from '#jobs';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { ResourceId } from '../http/resource-id.js';
import { BODY_PROBLEMS, Documented, type Documentation } from '../openapi/documented.decorator.js';

/** The answer of every verb: at once, with the job as the verb left it. */
const verb = (id: string, summary: string, description: string, hasBody = false): Documentation => ({
  ...{ id, summary, description },
  answers: { 202: { description: 'the job; its state says whether somebody is still to stop', schema: Job } },
  problems: ['not_found', 'job_state_conflict', ...(hasBody ? BODY_PROBLEMS : [])],
});

/** What users do to jobs. Saying a verb again changes nothing, so none needs an Idempotency-Key. */
@ApiTags('jobs')
@Controller('v1/jobs/:id')
export class JobVerbsController {
  constructor(private readonly jobs: JobService) {}

  @Post('cancel')
  @Allows('member')
  @HttpCode(202)
  @Documented(
    verb(
      'cancelJob',
      'Cancel a job',
      'A worker that trains it is stopped at once: the job is `cancelling` until it has. The last checkpoint is kept for a retry.',
    ),
  )
  cancel(@CurrentActor() actor: Actor, @ResourceId('job') id: string): Promise<Job> {
    return this.jobs.cancel(actor, id);
  }

  @Post('pause')
  @Allows('member')
  @HttpCode(202)
  @Documented(
    verb(
      'pauseJob',
      'Pause a job',
      'A worker that trains it keeps a checkpoint and stops; what a device measures is measured to its end. The job is `pausing` until then.',
    ),
  )
  pause(@CurrentActor() actor: Actor, @ResourceId('job') id: string): Promise<Job> {
    return this.jobs.pause(actor, id);
  }

  @Post('resume')
  @Allows('member')
  @HttpCode(202)
  @Documented(verb('resumeJob', 'Resume a paused job', 'It goes on from its checkpoint, on any worker.'))
  resume(@CurrentActor() actor: Actor, @ResourceId('job') id: string): Promise<Job> {
    return this.jobs.resume(actor, id);
  }

  @Post('retry')
  @Allows('member')
  @HttpCode(202)
  @Documented(
    verb(
      'retryJob',
      'Retry a failed or cancelled job',
      'It goes on in the stage in which it ended, from its last checkpoint.',
    ),
  )
  retry(@CurrentActor() actor: Actor, @ResourceId('job') id: string): Promise<Job> {
    return this.jobs.retry(actor, id);
  }

  @Post('continue')
  @Allows('member')
  @HttpCode(202)
  @Documented(
    verb(
      'continueJob',
      'Take a job that was to end with an earlier stage further',
      'A candidate that was trained with `until: train` is verified, or published.',
      true,
    ),
  )
  goOn(
    @CurrentActor() actor: Actor,
    @ResourceId('job') id: string,
    @Body({ schema: ContinueJob }) { until }: ContinueJob,
  ): Promise<Job> {
    return this.jobs.goOn(actor, id, until);
  }

  @Post('priority')
  @Allows('member')
  @HttpCode(202)
  @Documented(
    verb(
      'prioritiseJob',
      'Give a job another priority',
      'One that waits is moved in its queue at once.',
      true,
    ),
  )
  prioritise(
    @CurrentActor() actor: Actor,
    @ResourceId('job') id: string,
    @Body({ schema: PrioritiseJob }) { priority }: PrioritiseJob,
  ): Promise<Job> {
    return this.jobs.prioritise(actor, id, priority);
  }
}
