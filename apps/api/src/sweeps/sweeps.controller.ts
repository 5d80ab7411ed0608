import { Body, Controller, Get, Headers, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import {
  CreateSweep,
  ListSweeps,
  Sweep,
  SweepComparison,
  SweepEvent,
  type Actor,
  type CreateJob,
  type Page,
  type SweepHeader,
} from '#contracts';
import { SweepService } from '#jobs';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { sendEvents, untilGone } from '../http/event-stream.js';
import { FollowedEvents } from '../http/followed-events.js';
import { ForNew, madeOnce, type NewId } from '../http/new-id.js';
import { ResourceId } from '../http/resource-id.js';
import { ShutdownSignal } from '../http/shutdown-signal.js';
import { JobSubmissions } from '../jobs/job-submissions.js';
import { lastSequence } from '../jobs/last-event-id.js';
import { SweepPage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';
import { sweepMarkdown } from './sweep-markdown.js';

@ApiTags('sweeps')
@Controller('v1/sweeps')
export class SweepsController {
  constructor(
    private readonly sweeps: SweepService,
    private readonly submissions: JobSubmissions,
    private readonly followed: FollowedEvents,
    private readonly shutdown: ShutdownSignal,
  ) {}

  @Post()
  @Allows('member')
  @Creates(202, {
    id: 'submitSweep',
    summary: 'Train a model for every combination of several schedules, devices, methods or seeds',
    description:
      'Every combination is a job like any other. All of them are checked before any is stored; what is wrong is named by its ' +
      'place in the sweep, such as `axes.ratios[1][3]`.',
    answers: { 202: { description: 'the sweep, with its jobs', schema: Sweep, headers: LOCATION } },
    problems: ['dataset_does_not_fit', 'network_invalid', 'ratio_unreachable'],
  })
  async submit(
    @CurrentActor() actor: Actor,
    @Body({ schema: CreateSweep }) body: CreateSweep,
    @ForNew() newId: NewId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Sweep> {
    const prepare = (job: CreateJob) => this.submissions.prepare(actor, job);
    const sweep = await madeOnce(
      newId,
      (id) => this.sweeps.get(actor, id),
      (id) => this.sweeps.submit(actor, body, prepare, id),
    );
    response.location(`/v1/sweeps/${sweep.id}`);
    return sweep;
  }

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listSweeps',
    summary: 'List sweeps, newest first',
    description: 'Filters that are given must all hold.',
    answers: { 200: { description: 'a page of sweeps, without their jobs', schema: SweepPage } },
    problems: ['invalid_request'],
  })
  list(
    @CurrentActor() actor: Actor,
    @Query({ schema: ListSweeps }) query: ListSweeps,
  ): Promise<Page<SweepHeader>> {
    return this.sweeps.list(actor, query);
  }

  @Get(':id')
  @Allows('viewer')
  @Documented({
    id: 'getSweep',
    summary: 'Read a sweep and where its jobs stand',
    answers: { 200: { description: 'the sweep', schema: Sweep } },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('sweep') id: string): Promise<Sweep> {
    return this.sweeps.get(actor, id);
  }

  @Get(':id/comparison')
  @Allows('viewer')
  @Documented({
    id: 'getSweepComparison',
    summary: 'Read what all jobs of a sweep achieved',
    answers: { 200: { description: 'job by job, and over seeds', schema: SweepComparison } },
    problems: ['not_found'],
  })
  async getComparison(
    @CurrentActor() actor: Actor,
    @ResourceId('sweep') id: string,
  ): Promise<SweepComparison> {
    return (await this.sweeps.comparison(actor, id)).comparison;
  }

  @Get(':id/comparison.md')
  @Allows('viewer')
  @Documented({
    id: 'getSweepComparisonAsMarkdown',
    summary: 'Read the comparison of a sweep as a page of Markdown',
    answers: { 200: { description: 'tables', schema: z.string(), mediaType: 'text/markdown' } },
    problems: ['not_found'],
  })
  async getComparisonAsMarkdown(
    @CurrentActor() actor: Actor,
    @ResourceId('sweep') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const { sweep, comparison } = await this.sweeps.comparison(actor, id);
    response.type('text/markdown');
    return sweepMarkdown(sweep, comparison);
  }

  @Get(':id/events')
  @Allows('viewer')
  @Documented({
    id: 'followSweep',
    summary: "Stream the states of a sweep's jobs, and its own, until it has ended",
    description:
      'Server-sent events: `id` is the sequence number (gapless from 1), `event` the type, `data` the event with the time `at`.',
    answers: {
      200: { description: 'the events', schema: SweepEvent, mediaType: 'text/event-stream' },
    },
    problems: ['invalid_request', 'not_found'],
    headers: { 'Last-Event-ID': 'only events behind this one' },
  })
  async events(
    @CurrentActor() actor: Actor,
    @ResourceId('sweep') id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const after = lastSequence(lastEventId);
    await this.sweeps.get(actor, id); // an unknown sweep is a problem, not a stream that ends at once
    const signal = untilGone(response, this.shutdown.signal);
    await sendEvents(response, this.followed.ofSweep(actor, id, after, signal), signal);
  }
}
