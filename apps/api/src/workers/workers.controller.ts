import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DrainWorker, ListWorkers, Worker, WorkerWithJobs, type Actor, type Page } from '#contracts';
import { WorkerService } from '#jobs';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { ResourceId } from '../http/resource-id.js';
import { WorkerPage } from '../openapi/components.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';

const DRAINED_ANSWER = {
  202: { description: 'the worker; its state says how far it is', schema: Worker },
};

/** What takes jobs, and whether it is to. Saying a verb again changes nothing, so none needs an Idempotency-Key. */
@ApiTags('workers')
@Controller('v1/workers')
export class WorkersController {
  constructor(private readonly workers: WorkerService) {}

  @Get()
  @Allows('viewer', { worker: true })
  @Documented({
    id: 'listWorkers',
    summary: 'List workers, newest first',
    description:
      'Those that serve the team, also those that were lost or have stopped within a day. Filters that are given must all hold.',
    answers: { 200: { description: 'a page of workers', schema: WorkerPage } },
    problems: ['invalid_request'],
  })
  list(
    @CurrentActor() actor: Actor,
    @Query({ schema: ListWorkers }) query: ListWorkers,
  ): Promise<Page<Worker>> {
    return this.workers.list(actor, query);
  }

  @Get(':id')
  @Allows('viewer', { worker: true })
  @Documented({
    id: 'getWorker',
    summary: 'Read a worker with the jobs that it trains',
    answers: { 200: { description: 'the worker', schema: WorkerWithJobs } },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('worker') id: string): Promise<WorkerWithJobs> {
    return this.workers.get(actor, id);
  }

  @Post(':id/drain')
  @Allows('admin', { worker: true })
  @HttpCode(202)
  @Documented({
    id: 'drainWorker',
    summary: 'Have a worker take no more jobs',
    description:
      'With mode `finish` its trainings run to their end, with `checkpoint` they keep a checkpoint and go on elsewhere. It is ' +
      '`draining` until it holds none, then `drained`, until it is activated or started anew.',
    answers: DRAINED_ANSWER,
    problems: ['not_found', ...BODY_PROBLEMS],
  })
  drain(
    @CurrentActor() actor: Actor,
    @ResourceId('worker') id: string,
    @Body({ schema: DrainWorker }) { mode }: DrainWorker,
  ): Promise<Worker> {
    return this.workers.drain(actor, id, mode);
  }

  @Post(':id/activate')
  @Allows('admin', { worker: true })
  @HttpCode(202)
  @Documented({
    id: 'activateWorker',
    summary: 'Have a worker take jobs again',
    answers: DRAINED_ANSWER,
    problems: ['not_found'],
  })
  activate(@CurrentActor() actor: Actor, @ResourceId('worker') id: string): Promise<Worker> {
    return this.workers.activate(actor, id);
  }
}
