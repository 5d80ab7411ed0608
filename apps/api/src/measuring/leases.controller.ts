import { Body, Controller, HttpCode, Post, Put, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import {
  ExtendLease,
  FailTask,
  LeasedTask,
  LeaseExtension,
  LeaseProof,
  LeaseRequest,
  MeasuringTask,
  UploadCell,
  type Actor,
} from '#contracts';
import { MeasuringService } from '#devices';
import { Allows } from '../access/allows.decorator.js';
import { ChangesNothing } from '../audit/changes-nothing.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { untilGone } from '../http/event-stream.js';
import { ResourceId, ResourceIndex } from '../http/resource-id.js';
import { ShutdownSignal } from '../http/shutdown-signal.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';

/** What agents do: one at a time holds a task by its lease, and every write carries the lease's token. */
@ApiTags('measuring')
@Controller('v1/measuring-tasks')
export class LeasesController {
  constructor(
    private readonly measuring: MeasuringService,
    private readonly shutdown: ShutdownSignal,
  ) {}

  @Post('lease')
  @Allows('member', { device: 'lease' })
  @ChangesNothing(204)
  @HttpCode(200)
  @Documented({
    id: 'leaseMeasuringTask',
    summary: "Take the device's next task, waiting for one",
    answers: {
      200: { description: 'the task and its lease token', schema: LeasedTask },
      204: { description: 'no task came in time' },
    },
    problems: BODY_PROBLEMS,
  })
  async lease(
    @CurrentActor() actor: Actor,
    @Body({ schema: LeaseRequest }) body: LeaseRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LeasedTask | undefined> {
    const { deviceId, agent, waitSeconds } = body;
    const signal = untilGone(response, this.shutdown.signal);
    const task = await this.measuring.lease(actor, { deviceId, agent, waitMs: waitSeconds * 1000, signal });
    if (task === undefined) response.status(204);
    return task;
  }

  @Post(':id/heartbeat')
  @Allows('member', { device: 'measuring task' })
  @ChangesNothing(200)
  @HttpCode(200)
  @Documented({
    id: 'extendLease',
    summary: 'Extend the lease, and say whether the device is left alone for now',
    answers: { 200: { description: 'when it now ends', schema: LeaseExtension } },
    problems: [...BODY_PROBLEMS, 'not_found', 'lease_lost'],
  })
  heartbeat(
    @CurrentActor() actor: Actor,
    @ResourceId('measuring task') id: string,
    @Body({ schema: ExtendLease }) body: ExtendLease,
  ): Promise<LeaseExtension> {
    return this.measuring.extend(actor, id, body);
  }

  @Put(':id/cells/:index')
  @Allows('member', { device: 'measuring task' })
  @HttpCode(204)
  @Documented({
    id: 'uploadCell',
    summary: "Upload one cell's samples; again replaces them",
    answers: { 204: { description: 'stored' } },
    problems: [...BODY_PROBLEMS, 'not_found', 'lease_lost'],
  })
  uploadCell(
    @CurrentActor() actor: Actor,
    @ResourceId('measuring task') id: string,
    @ResourceIndex('index', 'cell') index: number,
    @Body({ schema: UploadCell }) body: UploadCell,
  ): Promise<void> {
    return this.measuring.uploadCell(actor, id, index, body);
  }

  @Post(':id/complete')
  @Allows('member', { device: 'measuring task' })
  @HttpCode(200)
  @Documented({
    id: 'completeMeasuringTask',
    summary: 'Make the latency table of a task whose cells are all uploaded',
    answers: { 200: { description: 'the task with its latencyTableId', schema: MeasuringTask } },
    problems: [...BODY_PROBLEMS, 'not_found', 'lease_lost'],
  })
  complete(
    @CurrentActor() actor: Actor,
    @ResourceId('measuring task') id: string,
    @Body({ schema: LeaseProof }) body: LeaseProof,
  ): Promise<MeasuringTask> {
    return this.measuring.complete(actor, id, body.leaseToken);
  }

  @Post(':id/fail')
  @Allows('member', { device: 'measuring task' })
  @HttpCode(200)
  @Documented({
    id: 'failMeasuringTask',
    summary: 'Give a task up that the device cannot measure',
    answers: { 200: { description: 'the task, failed', schema: MeasuringTask } },
    problems: [...BODY_PROBLEMS, 'not_found', 'lease_lost'],
  })
  fail(
    @CurrentActor() actor: Actor,
    @ResourceId('measuring task') id: string,
    @Body({ schema: FailTask }) body: FailTask,
  ): Promise<MeasuringTask> {
    return this.measuring.fail(actor, id, body.leaseToken, body.error);
  }
}
