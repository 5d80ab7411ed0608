import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  MlflowCreateVersion,
  MlflowSearch,
  MlflowTransitionStage,
  MlflowUpdateVersion,
  MlflowVersion,
  MlflowVersionTag,
  MlflowVersionTagKey,
  UpdateDescription,
  type Caller,
} from '#contracts';
import { versionFolder } from '#mlflow';
import { ModelService, RegistryService } from '#registry';
import { CurrentActor } from '../../http/current-actor.js';
import { checked } from '../../http/contract.pipe.js';
import { CalledHost } from './called-host.decorator.js';
import { MlflowRegistry, noStages } from './mlflow-registry.js';
import { MlflowRoute, MlflowRoutes } from './mlflow-route.decorator.js';

@MlflowRoutes()
@Controller('api/2.0/mlflow/model-versions')
export class MlflowVersionsController {
  constructor(
    private readonly mlflow: MlflowRegistry,
    private readonly registry: RegistryService,
    private readonly models: ModelService,
  ) {}

  @Post('create')
  @MlflowRoute('mlflowCreateVersion', 'member')
  async create(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Body({ schema: MlflowCreateVersion }) body: MlflowCreateVersion,
  ) {
    return { model_version: await this.mlflow.createVersion({ actor, host }, body) };
  }

  @Get('get')
  @MlflowRoute('mlflowGetVersion', 'viewer')
  async get(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Query({ schema: MlflowVersion }) { name, version }: z.infer<typeof MlflowVersion>,
  ) {
    return { model_version: await this.mlflow.version({ actor, host }, name, version) };
  }

  @Get('search')
  @MlflowRoute('mlflowSearchVersions', 'viewer')
  search(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Query({ schema: MlflowSearch }) query: MlflowSearch,
  ) {
    return this.mlflow.searchVersions({ actor, host }, query);
  }

  @Get('get-download-uri')
  @MlflowRoute('mlflowGetDownloadUri', 'viewer')
  async downloadUri(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Query({ schema: MlflowVersion }) { name, version }: z.infer<typeof MlflowVersion>,
  ) {
    await this.registry.version(actor, name, version);
    return { artifact_uri: versionFolder(host, name, version) };
  }

  @Patch('update')
  @MlflowRoute('mlflowUpdateVersion', 'member')
  async update(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Body({ schema: MlflowUpdateVersion })
    { name, version, description }: z.infer<typeof MlflowUpdateVersion>,
  ) {
    const changes = checked(UpdateDescription, { description }, 'body');
    const changed = await this.models.describeVersion(actor, { name, version }, changes, undefined);
    return { model_version: await this.mlflow.shownVersion({ actor, host }, changed) };
  }

  @Post('transition-stage')
  @MlflowRoute('mlflowTransitionStage', 'member')
  transition(
    @Body({ schema: MlflowTransitionStage }) { stage }: z.infer<typeof MlflowTransitionStage>,
  ): never {
    throw noStages('stage', stage);
  }

  @Delete('delete')
  @MlflowRoute('mlflowDeleteVersion', 'member')
  async delete(
    @CurrentActor() actor: Caller,
    @Body({ schema: MlflowVersion }) place: z.infer<typeof MlflowVersion>,
  ) {
    await this.models.deleteVersion(actor, place, undefined);
    return {};
  }

  @Post('set-tag')
  @MlflowRoute('mlflowSetVersionTag', 'member')
  async setTag(
    @CurrentActor() actor: Caller,
    @Body({ schema: MlflowVersionTag }) { key, value, ...place }: z.infer<typeof MlflowVersionTag>,
  ) {
    const changes = checked(UpdateDescription, { tags: { [key]: value } }, 'body');
    await this.models.describeVersion(actor, place, changes, undefined);
    return {};
  }

  @Delete('delete-tag')
  @MlflowRoute('mlflowDeleteVersionTag', 'member')
  async deleteTag(
    @CurrentActor() actor: Caller,
    @Body({ schema: MlflowVersionTagKey }) { key, ...place }: z.infer<typeof MlflowVersionTagKey>,
  ) {
    const changes = checked(UpdateDescription, { tags: { [key]: null } }, 'body');
    await this.models.describeVersion(actor, place, changes, undefined);
    return {};
  }
}
