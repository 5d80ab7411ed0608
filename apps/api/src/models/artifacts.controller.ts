import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Actor } from '#contracts';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { sendArtifact } from '../http/artifact-response.js';
import { DOWNLOAD } from '../http/download.documentation.js';
import { ResourceDigest } from '../http/resource-id.js';
import { Documented } from '../openapi/documented.decorator.js';
import { ArtifactDownloads } from './artifact-downloads.js';

@ApiTags('artifacts')
@Controller('v1/artifacts')
export class ArtifactsController {
  constructor(private readonly downloads: ArtifactDownloads) {}

  @Get(':digest')
  @Allows('viewer', { device: 'artifact' })
  @Documented({ id: 'downloadArtifact', summary: 'Download a stored file by its SHA-256', ...DOWNLOAD })
  async download(
    @CurrentActor() actor: Actor,
    @ResourceDigest('artifact') digest: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const artifact = await this.downloads.find(actor, digest);
    await sendArtifact({ request, response }, artifact, artifact.digest, (...of) =>
      this.downloads.open(...of),
    );
  }
}
