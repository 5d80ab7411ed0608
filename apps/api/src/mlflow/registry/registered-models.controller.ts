import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import {
  AppError,
  CreateModel,
  MlflowAlias,
  MlflowCreateModel,
  MlflowLatestVersions,
  MlflowModelName,
  MlflowModelTag,
  MlflowModelTagKey,
  MlflowRenameModel,
  MlflowSearch,
  MlflowSetAlias,
  MlflowUpdateModel,
  UpdateDescription,
  type Caller,
} from '#contracts';
import { AliasService, ModelService } from '#registry';
import { ChangesNothing } from '../../audit/changes-nothing.decorator.js';
import { CurrentActor } from '../../http/current-actor.js';
import { checked } from '../../http/contract.pipe.js';
import { CalledHost } from './called-host.decorator.js';
import { MlflowRegistry, tagsOf } from './mlflow-registry.js';
import { MlflowRoute, MlflowRoutes } from './mlflow-route.decorator.js';

@MlflowRoutes()
@Controller('api/2.0/mlflow/registered-models')
export class RegisteredModelsController {
  constructor(
    private readonly registry: MlflowRegistry,
    private readonly models: ModelService,
    private readonly aliases: AliasService,
  ) {}

  @Post('create')
  @MlflowRoute('mlflowCreateModel', 'member')
  async create(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Body({ schema: MlflowCreateModel }) body: z.infer<typeof MlflowCreateModel>,
  ) {
    const { name, description } = body;
    const request = checked(CreateModel, { name, description, tags: tagsOf(body) }, 'body');
    const model = await this.models.create(actor, request, randomUUID());
    return { registered_model: await this.registry.shownModel({ actor, host }, model) };
  }

  @Get('get')
  @MlflowRoute('mlflowGetModel', 'viewer')
  async get(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Query({ schema: MlflowModelName }) { name }: z.infer<typeof MlflowModelName>,
  ) {
    return { registered_model: await this.registry.model({ actor, host }, name) };
  }

  @Get('search')
  @MlflowRoute('mlflowSearchModels', 'viewer')
  search(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Query({ schema: MlflowSearch }) query: MlflowSearch,
  ) {
    return this.registry.searchModels({ actor, host }, query);
  }

  @Patch('update')
  @MlflowRoute('mlflowUpdateModel', 'member')
  async update(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Body({ schema: MlflowUpdateModel }) { name, description }: z.infer<typeof MlflowUpdateModel>,
  ) {
    const changes = checked(UpdateDescription, { description }, 'body');
    const model = await this.models.describe(actor, name, changes, undefined);
    return { registered_model: await this.registry.shownModel({ actor, host }, model) };
  }

  /** A name is in URLs, reports and on devices. */
  @Post('rename')
  @MlflowRoute('mlflowRenameModel', 'member')
  rename(
    @Body({ schema: MlflowRenameModel }) { name, new_name: newName }: z.infer<typeof MlflowRenameModel>,
  ) {
    const expected = `a new model with models:/${name}/VERSION as source of its versions: models keep their names`;
    throw new AppError('invalid_request', `new_name is "${newName ?? ''}": expected ${expected}`, {
      fields: [{ field: 'new_name', value: newName, expected }],
    });
  }

  @Delete('delete')
  @MlflowRoute('mlflowDeleteModel', 'member')
  async delete(
    @CurrentActor() actor: Caller,
    @Body({ schema: MlflowModelName }) { name }: z.infer<typeof MlflowModelName>,
  ) {
    await this.models.delete(actor, name, undefined);
    return {};
  }

  /** Older clients ask by GET. */
  @Get('get-latest-versions')
  @MlflowRoute('mlflowGetLatestVersions', 'viewer')
  latest(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Query({ schema: MlflowLatestVersions }) query: z.infer<typeof MlflowLatestVersions>,
  ) {
    return this.latestOf(actor, host, query);
  }

  @Post('get-latest-versions')
  @MlflowRoute('mlflowGetLatestVersions', 'viewer')
  @ChangesNothing(200)
  latestByPost(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Body({ schema: MlflowLatestVersions }) body: z.infer<typeof MlflowLatestVersions>,
  ) {
    return this.latestOf(actor, host, body);
  }

  @Post('set-tag')
  @MlflowRoute('mlflowSetModelTag', 'member')
  async setTag(
    @CurrentActor() actor: Caller,
    @Body({ schema: MlflowModelTag }) { name, key, value }: z.infer<typeof MlflowModelTag>,
  ) {
    const changes = checked(UpdateDescription, { tags: { [key]: value } }, 'body');
    await this.models.describe(actor, name, changes, undefined);
    return {};
  }

  @Delete('delete-tag')
  @MlflowRoute('mlflowDeleteModelTag', 'member')
  async deleteTag(
    @CurrentActor() actor: Caller,
    @Body({ schema: MlflowModelTagKey }) { name, key }: z.infer<typeof MlflowModelTagKey>,
  ) {
    const changes = checked(UpdateDescription, { tags: { [key]: null } }, 'body');
    await this.models.describe(actor, name, changes, undefined);
    return {};
  }

  @Get('alias')
  @MlflowRoute('mlflowGetVersionByAlias', 'viewer')
  async getAlias(
    @CurrentActor() actor: Caller,
    @CalledHost() host: string,
    @Query({ schema: MlflowAlias }) { name, alias }: z.infer<typeof MlflowAlias>,
  ) {
    return { model_version: await this.registry.versionOfAlias({ actor, host }, name, alias) };
  }

  @Post('alias')
  @MlflowRoute('mlflowSetAlias', 'member')
  async setAlias(
    @CurrentActor() actor: Caller,
    @Body({ schema: MlflowSetAlias }) { name: model, alias, version }: z.infer<typeof MlflowSetAlias>,
  ) {
    await this.aliases.move(actor, { model, alias }, { version }, {});
    return {};
  }

  @Delete('alias')
  @MlflowRoute('mlflowDeleteAlias', 'member')
  async deleteAlias(
    @CurrentActor() actor: Caller,
    @Body({ schema: MlflowAlias }) { name: model, alias }: z.infer<typeof MlflowAlias>,
  ) {
    await this.aliases.remove(actor, { model, alias }, {});
    return {};
  }

  private async latestOf(
    actor: Caller,
    host: string,
    { name, stages }: z.infer<typeof MlflowLatestVersions>,
  ) {
    return { model_versions: await this.registry.latestVersions({ actor, host }, name, stages) };
  }
}
