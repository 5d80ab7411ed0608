import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  Deployment,
  DeploymentDrift,
  FieldLatencyVerdict,
  ListDeployments,
  PostFieldLatencies,
  type Actor,
  type Page,
} from '#contracts';
import { FieldLatencyService, RegistryService } from '#registry';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { Creates } from '../http/creates.decorator.js';
import { ResourceId } from '../http/resource-id.js';
import { DeploymentPage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('deployments')
@Controller('v1/deployments')
export class DeploymentsController {
  constructor(
    private readonly registry: RegistryService,
    private readonly fieldLatencies: FieldLatencyService,
  ) {}

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listDeployments',
    summary: 'List deployments, newest first, of one device if asked',
    answers: { 200: { description: 'a page of deployments', schema: DeploymentPage } },
    problems: ['invalid_request'],
  })
  list(
    @CurrentActor() actor: Actor,
    @Query({ schema: ListDeployments }) query: ListDeployments,
  ): Promise<Page<Deployment>> {
    return this.registry.deployments(actor, query);
  }

  @Get(':id')
  @Allows('viewer', { device: 'deployment' })
  @Documented({
    id: 'getDeployment',
    summary: 'Read a deployment: which ratio runs at which operating point of a device',
    answers: { 200: { description: 'the deployment', schema: Deployment } },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('deployment') id: string): Promise<Deployment> {
    return this.registry.deployment(actor, id);
  }

  @Post(':id/field-latencies')
  @Allows('member', { device: 'deployment' })
  @Creates(200, {
    id: 'postFieldLatencies',
    summary: 'Count latencies that the device took in the field at one operating point',
    description:
      'Each post moves the test of that point on; posts at the same time are taken one after the other.',
    answers: { 200: { description: 'how the point stands now', schema: FieldLatencyVerdict } },
    problems: ['not_found'],
  })
  post(
    @CurrentActor() actor: Actor,
    @ResourceId('deployment') id: string,
    @Body({ schema: PostFieldLatencies }) body: PostFieldLatencies,
  ): Promise<FieldLatencyVerdict> {
    return this.fieldLatencies.post(actor, id, body);
  }

  @Get(':id/drift')
  @Allows('viewer', { device: 'deployment' })
  @Documented({
    id: 'getDrift',
    summary: 'Read whether the device has to be measured again, and the evidence of every operating point',
    answers: { 200: { description: 'the drift of the deployment', schema: DeploymentDrift } },
    problems: ['not_found'],
  })
  drift(@CurrentActor() actor: Actor, @ResourceId('deployment') id: string): Promise<DeploymentDrift> {
    return this.fieldLatencies.drift(actor, id);
  }
}
