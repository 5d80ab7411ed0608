import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ExportQuery, ListSubnets, VersionSubnets, type Actor } from '#contracts';
import { SubnetService } from '#registry';
import { Allows } from '../access/allows.decorator.js';
import { sendArtifact } from '../http/artifact-response.js';
import { CurrentActor } from '../http/current-actor.js';
import { DOWNLOAD } from '../http/download.documentation.js';
import { ResourceIndex, ResourceName } from '../http/resource-id.js';
import { ArtifactDownloads } from '../models/artifact-downloads.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('models')
@Controller('v1/models/:name/versions/:version/subnets')
export class SubnetsController {
  constructor(
    private readonly subnets: SubnetService,
    private readonly downloads: ArtifactDownloads,
  ) {}

  @Get()
  @Allows('viewer', { device: 'version' })
  @Documented({
    id: 'listSubnets',
    summary: 'List the small networks of a version, or find the one for an operating point of a device',
    description:
      'With `format`, the answer leads to the file of the one that runs at the operating point: a client that follows it has ' +
      'the network by one request.',
    answers: {
      200: { description: 'what can be had', schema: VersionSubnets },
      307: {
        description: 'with `format`: the subnet is elsewhere',
        headers: { Location: 'path of its download' },
      },
    },
    problems: ['not_found', 'invalid_request'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @ResourceIndex('version', 'model version') version: number,
    @Query({ schema: ListSubnets }) query: ListSubnets,
    @Res({ passthrough: true }) response: Response,
  ): Promise<VersionSubnets | undefined> {
    const file = await this.subnets.fileFor(actor, name, version, query);
    if (file !== undefined) return void response.status(307).location(file);
    return this.subnets.list(actor, name, version, query);
  }

  @Get(':ratio')
  @Allows('viewer', { device: 'version' })
  @Documented({
    id: 'downloadSubnet',
    summary: 'Download the small network of a ratio as ONNX, or for TensorFlow.js',
    description: 'It is made when it is first asked for; the same query gives the same bytes.',
    ...DOWNLOAD,
    problems: [...(DOWNLOAD.problems ?? []), 'invalid_request'],
  })
  async download(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @ResourceIndex('version', 'model version') version: number,
    @Param('ratio') ratio: string,
    @Query({ schema: ExportQuery }) query: ExportQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { fileName, ...file } = await this.subnets.export(actor, name, version, ratio, query);
    await sendArtifact({ request, response }, file, fileName, (...of) => this.downloads.open(...of));
  }
}
