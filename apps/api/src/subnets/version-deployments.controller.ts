import { Body, Controller, Get, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import {
  CreateDeployment,
  Deployment,
  ListDeployments,
  MeasuringTask,
  unknownReference,
  VersionDeploymentPage,
  type Actor,
  type Caller,
  type Page,
  type VersionDeployment,
} from '#contracts';
import { MeasuringService } from '#devices';
import { DeploymentService, RegistryService } from '#registry';
import { Allows } from '../access/allows.decorator.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { ForNew, madeOnce, type NewId } from '../http/new-id.js';
import { ResourceIndex, ResourceName } from '../http/resource-id.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('deployments')
@Controller('v1/models/:name/versions/:version/deployments')
export class VersionDeploymentsController {
  constructor(
    private readonly deployments: DeploymentService,
    private readonly registry: RegistryService,
    private readonly measuring: MeasuringService,
  ) {}

  @Get()
  @Allows('viewer', { device: 'version' })
  @Documented({
    id: 'listVersionDeployments',
    summary: 'List the deployments of a version, newest first, of one device if asked',
    description:
      'The newest on each device is current. The key of a device lists the deployments of that device alone.',
    answers: { 200: { description: 'a page of deployments', schema: VersionDeploymentPage } },
    problems: ['not_found', 'invalid_request'],
  })
  list(
    @CurrentActor() caller: Caller,
    @ResourceName('model') name: string,
    @ResourceIndex('version', 'model version') version: number,
    @Query({ schema: ListDeployments }) query: ListDeployments,
  ): Promise<Page<VersionDeployment>> {
    return this.deployments.list(caller, name, version, withinScope(caller, query));
  }

  @Post()
  @Allows('member')
  @Creates(202, {
    id: 'deployVersion',
    summary: 'Deploy a version on a device by measuring it, or by measurements that are there',
    description:
      'The device measures the subnets at its operating points; the deployment is made when it has, and `deployed` of the task ' +
      'says so. With `latencyTableId` it is made at once.',
    answers: {
      201: {
        description: 'the deployment: with `latencyTableId`',
        schema: Deployment,
        headers: LOCATION,
      },
      202: { description: 'the measuring task, queued', schema: MeasuringTask, headers: LOCATION },
    },
    problems: ['not_found', 'latency_table_unusable'],
  })
  async deploy(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @ResourceIndex('version', 'model version') version: number,
    @Body({ schema: CreateDeployment }) body: CreateDeployment,
    @ForNew() newId: NewId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Deployment | MeasuringTask> {
    const { latencyTableId } = body;
    if (latencyTableId === undefined) {
      const task = await madeOnce(
        newId,
        (id) => this.measuring.get(actor, id),
        (id) => this.deployments.measure(actor, name, version, body, id),
      );
      response.location(`/v1/measuring-tasks/${task.id}`);
      return task;
    }
    const deployment = await madeOnce(
      newId,
      (id) => this.registry.deployment(actor, id),
      (id) => this.deployments.deploy(actor, name, version, { ...body, latencyTableId }, id),
    );
    response.status(201).location(`/v1/deployments/${deployment.id}`);
    return deployment;
  }
}

/** What is deployed on other devices does not exist for a device's key. @throws AppError invalid_request naming deviceId */
function withinScope({ role, deviceId }: Caller, query: ListDeployments): ListDeployments {
  if (role !== 'device') return query;
  if (query.deviceId !== undefined && query.deviceId !== deviceId)
    throw unknownReference('deviceId', query.deviceId, 'device');
  return { ...query, deviceId };
}
