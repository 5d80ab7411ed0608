import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  ListJobRecords,
  type Actor,
  type JobLogLine,
  type JobMetrics,
  type Page,
  type StoredJobEvent,
} from '#contracts';
import { JobService } from '#jobs';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { ResourceId } from '../http/resource-id.js';
import { JobLogPage, JobMetricsPage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';

/** What a job's workers have told, page by page; it stays when they are gone. */
@ApiTags('jobs')
@Controller('v1/jobs/:id')
export class JobRecordsController {
  constructor(private readonly jobs: JobService) {}

  @Get('logs')
  @Allows('viewer')
  @Documented({
    id: 'listJobLogs',
    summary: 'Read what workers said of a job, oldest first',
    answers: { 200: { description: 'a page of lines', schema: JobLogPage } },
    problems: ['invalid_request', 'not_found'],
  })
  async logs(
    @CurrentActor() actor: Actor,
    @ResourceId('job') id: string,
    @Query({ schema: ListJobRecords }) query: ListJobRecords,
  ): Promise<Page<JobLogLine>> {
    const events = await this.records(actor, id, 'log', query);
    return pageOf(events, query, ({ sequence, at, event }) =>
      event.type === 'log' ? [{ sequence, at, ...event, type: undefined }] : [],
    );
  }

  @Get('metrics')
  @Allows('viewer')
  @Documented({
    id: 'listJobMetrics',
    summary: 'Read the loss of every step of a job, speed and accuracies, oldest first',
    description:
      'Batches of consecutive steps. Every series counts its steps from 1 without a gap, also where attempts died and steps were done again.',
    answers: { 200: { description: 'a page of batches', schema: JobMetricsPage } },
    problems: ['invalid_request', 'not_found'],
  })
  async metrics(
    @CurrentActor() actor: Actor,
    @ResourceId('job') id: string,
    @Query({ schema: ListJobRecords }) query: ListJobRecords,
  ): Promise<Page<JobMetrics>> {
    const events = await this.records(actor, id, 'metrics', query);
    return pageOf(events, query, ({ sequence, at, event }) =>
      event.type === 'metrics' ? [{ sequence, at, ...event, type: undefined }] : [],
    );
  }

  private async records(
    actor: Actor,
    id: string,
    type: 'log' | 'metrics',
    { limit, cursor }: ListJobRecords,
  ): Promise<StoredJobEvent[]> {
    await this.jobs.get(actor, id);
    return this.jobs.eventsOfType(actor, id, type, cursor ?? 0, limit + 1);
  }
}

/** The cursor is the sequence of the last record. */
function pageOf<Item>(
  events: readonly StoredJobEvent[],
  { limit }: ListJobRecords,
  toItem: (event: StoredJobEvent) => Item[],
): Page<Item> {
  const items = events.slice(0, limit).flatMap(toItem);
  const last = events[limit - 1];
  return events.length > limit && last ? { items, nextCursor: String(last.sequence) } : { items };
}
