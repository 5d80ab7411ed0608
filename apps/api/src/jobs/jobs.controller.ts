import { Body, Controller, Get, Headers, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { Comparison, CreateJob, Job, JobEvent, ListJobs, type Actor, type Page } from '#contracts';
import { JobService, ShownJobs } from '#jobs';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { sendEvents, untilGone } from '../http/event-stream.js';
import { FollowedEvents } from '../http/followed-events.js';
import { ForNew, madeOnce, type NewId } from '../http/new-id.js';
import { ResourceId } from '../http/resource-id.js';
import { ShutdownSignal } from '../http/shutdown-signal.js';
import { JobPage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';
import { comparisonMarkdown } from './comparison-markdown.js';
import { comparisonOf } from './job-comparison.js';
import { JobSubmissions } from './job-submissions.js';
import { lastSequence } from './last-event-id.js';

@ApiTags('jobs')
@Controller('v1/jobs')
export class JobsController {
  constructor(
    private readonly jobs: JobService,
    private readonly shown: ShownJobs,
    private readonly submissions: JobSubmissions,
    private readonly followed: FollowedEvents,
    private readonly shutdown: ShutdownSignal,
  ) {}

  @Post()
  @Allows('member')
  @Creates(202, {
    id: 'submitJob',
    summary: 'Train a model for a ratio schedule',
    answers: { 202: { description: 'the job, queued', schema: Job, headers: LOCATION } },
    problems: ['dataset_does_not_fit', 'network_invalid', 'ratio_unreachable'],
  })
  async submit(
    @CurrentActor() actor: Actor,
    @Body({ schema: CreateJob }) body: CreateJob,
    @ForNew() newId: NewId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Job> {
    const job = await madeOnce(
      newId,
      (id) => this.jobs.get(actor, id),
      (id) => this.submissions.submit(actor, body, id),
    );
    response.location(`/v1/jobs/${job.id}`);
    return job;
  }

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listJobs',
    summary: 'List jobs, newest first',
    answers: { 200: { description: 'a page of jobs', schema: JobPage } },
    problems: ['invalid_request'],
  })
  list(@CurrentActor() actor: Actor, @Query({ schema: ListJobs }) query: ListJobs): Promise<Page<Job>> {
    return this.shown.list(actor, query);
  }

  @Get(':id')
  @Allows('viewer')
  @Documented({
    id: 'getJob',
    summary: 'Read a job',
    answers: { 200: { description: 'the job', schema: Job } },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('job') id: string): Promise<Job> {
    return this.shown.get(actor, id);
  }

  @Get(':id/comparison')
  @Allows('viewer')
  @Documented({
    id: 'getComparison',
    summary: 'Read what all methods of a job achieved',
    answers: { 200: { description: "all methods, the job's own first", schema: Comparison } },
    problems: ['not_found'],
  })
  async getComparison(@CurrentActor() actor: Actor, @ResourceId('job') id: string): Promise<Comparison> {
    return comparisonOf(await this.jobs.get(actor, id)).comparison;
  }

  @Get(':id/comparison.md')
  @Allows('viewer')
  @Documented({
    id: 'getComparisonAsMarkdown',
    summary: 'Read the comparison as a page of Markdown',
    answers: { 200: { description: 'tables', schema: z.string(), mediaType: 'text/markdown' } },
    problems: ['not_found'],
  })
  async getComparisonAsMarkdown(
    @CurrentActor() actor: Actor,
    @ResourceId('job') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const text = comparisonMarkdown(comparisonOf(await this.jobs.get(actor, id)));
    response.type('text/markdown');
    return text;
  }

  @Get(':id/events')
  @Allows('viewer')
  @Documented({
    id: 'followJob',
    summary: "Stream a job's events until its final state",
    description:
      'Server-sent events: `id` is the sequence number (gapless from 1), `event` the type, `data` the event with the time `at`.',
    answers: {
      200: { description: 'the events', schema: JobEvent, mediaType: 'text/event-stream' },
    },
    problems: ['invalid_request', 'not_found'],
    headers: { 'Last-Event-ID': 'only events behind this one' },
  })
  async events(
    @CurrentActor() actor: Actor,
    @ResourceId('job') id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const after = lastSequence(lastEventId);
    await this.jobs.get(actor, id); // an unknown job is a problem, not a stream that ends at once
    const signal = untilGone(response, this.shutdown.signal);
    await sendEvents(response, this.followed.ofJob(actor, id, after, signal), signal);
  }
}
