import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CreateMeasuringTask, ListMeasuringTasks, MeasuringTask, type Actor, type Page } from '#contracts';
import { MeasuringRequests, MeasuringService } from '#devices';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { ForNew, madeOnce, type NewId } from '../http/new-id.js';
import { ResourceId } from '../http/resource-id.js';
import { MeasuringTaskPage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('measuring')
@Controller('v1/measuring-tasks')
export class MeasuringTasksController {
  constructor(
    private readonly requests: MeasuringRequests,
    private readonly measuring: MeasuringService,
  ) {}

  @Post()
  @Allows('member')
  @Creates(201, {
    id: 'createMeasuringTask',
    summary: 'Ask for a latency table of a network on a device',
    description:
      'The networks have random weights and uniform widths, a proxy for what training will find, so this needs no training.',
    answers: { 201: { description: 'the task, queued', schema: MeasuringTask, headers: LOCATION } },
    problems: ['network_invalid', 'ratio_unreachable'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body({ schema: CreateMeasuringTask }) body: CreateMeasuringTask,
    @ForNew() newId: NewId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MeasuringTask> {
    const task = await madeOnce(
      newId,
      (id) => this.measuring.get(actor, id),
      (id) => this.requests.profile(actor, body, { id }),
    );
    response.location(`/v1/measuring-tasks/${task.id}`);
    return task;
  }

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listMeasuringTasks',
    summary: 'List measuring tasks, newest first',
    answers: { 200: { description: 'a page of tasks', schema: MeasuringTaskPage } },
    problems: ['invalid_request'],
  })
  list(
    @CurrentActor() actor: Actor,
    @Query({ schema: ListMeasuringTasks }) query: ListMeasuringTasks,
  ): Promise<Page<MeasuringTask>> {
    return this.measuring.list(actor, query);
  }

  @Get(':id')
  @Allows('viewer', { device: 'measuring task' })
  @Documented({
    id: 'getMeasuringTask',
    summary: 'Read a measuring task',
    answers: { 200: { description: 'the task', schema: MeasuringTask } },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('measuring task') id: string): Promise<MeasuringTask> {
    return this.measuring.get(actor, id);
  }

  @Post(':id/cancel')
  @Allows('member')
  @HttpCode(200)
  @Documented({
    id: 'cancelMeasuringTask',
    summary: 'Cancel a measuring task',
    description:
      'The agent that measures it stops when it next extends its lease, and a job that waits for it fails. What has ended stays as it is, so saying it again changes nothing.',
    answers: {
      200: { description: 'the task, cancelled unless it had ended before', schema: MeasuringTask },
    },
    problems: ['not_found'],
  })
  cancel(@CurrentActor() actor: Actor, @ResourceId('measuring task') id: string): Promise<MeasuringTask> {
    return this.measuring.cancel(actor, id);
  }
}
