import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CreateAddendum, Job, ModelAddenda, type Actor } from '#contracts';
import { JobService } from '#jobs';
import { AddendaService } from '#registry';
import { Allows } from '../access/allows.decorator.js';
import { sendArtifact } from '../http/artifact-response.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { DOWNLOAD } from '../http/download.documentation.js';
import { ForNew, madeOnce, type NewId } from '../http/new-id.js';
import { ResourceDigest, ResourceIndex, ResourceName } from '../http/resource-id.js';
import { ArtifactDownloads } from '../models/artifact-downloads.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('models')
@Controller('v1/models/:name/versions/:version/addenda')
export class AddendaController {
  constructor(
    private readonly addenda: AddendaService,
    private readonly jobs: JobService,
    private readonly downloads: ArtifactDownloads,
  ) {}

  @Get()
  @Allows('viewer', { device: 'version' })
  @Documented({
    id: 'listAddenda',
    summary: 'List the ratios that were added to a version, oldest first',
    answers: { 200: { description: 'all of them', schema: ModelAddenda } },
    problems: ['not_found'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @ResourceIndex('version', 'model version') version: number,
  ): Promise<ModelAddenda> {
    return { items: await this.addenda.list(actor, name, version) };
  }

  @Post()
  @Allows('member')
  @Creates(202, {
    id: 'deriveRatios',
    summary: 'Add ratios between the trained ones to a version, without training',
    description:
      'A job solves their thresholds, recalibrates their BatchNorm on training images, measures their accuracy and publishes ' +
      'them as an addendum. The version itself never changes.',
    answers: { 202: { description: 'the job, queued', schema: Job, headers: LOCATION } },
    problems: ['not_found', 'already_exists', 'dataset_does_not_fit'],
  })
  async derive(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @ResourceIndex('version', 'model version') version: number,
    @Body({ schema: CreateAddendum }) body: CreateAddendum,
    @ForNew() newId: NewId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Job> {
    const job = await madeOnce(
      newId,
      (id) => this.jobs.get(actor, id),
      (id) => this.addenda.derive(actor, name, version, body, id),
    );
    response.location(`/v1/jobs/${job.id}`);
    return job;
  }

  @Get(':digest')
  @Allows('viewer', { device: 'version' })
  @Documented({ id: 'downloadAddendum', summary: 'Download an addendum', ...DOWNLOAD })
  async download(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @ResourceIndex('version', 'model version') version: number,
    @ResourceDigest('addendum') digest: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const addendum = await this.addenda.get(actor, name, version, digest);
    const fileName = `${name}-${version}-${addendum.digest.slice(0, 12)}.addendum.safetensors`;
    await sendArtifact({ request, response }, addendum, fileName, (...of) => this.downloads.open(...of));
  }
}
