import { Controller, Get, Param, Put, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { MlflowListFiles, type Caller } from '#contracts';
import { CurrentActor } from '../../http/current-actor.js';
import { sendArtifact } from '../../http/artifact-response.js';
import { AcceptsBody } from '../../http/media-type.guard.js';
import { ArtifactProxy } from './artifact-proxy.js';
import { MlflowRoute, MlflowRoutes } from './mlflow-route.decorator.js';

@MlflowRoutes()
@Controller('api/2.0/mlflow-artifacts/artifacts')
export class MlflowArtifactsController {
  constructor(private readonly proxy: ArtifactProxy) {}

  @Get()
  @MlflowRoute('mlflowListFiles', 'viewer')
  async list(
    @CurrentActor() actor: Caller,
    @Query({ schema: MlflowListFiles }) { path }: z.infer<typeof MlflowListFiles>,
  ) {
    return { files: await this.proxy.list(actor, path) };
  }

  @Get('*path')
  @MlflowRoute('mlflowDownloadFile', 'viewer')
  async download(
    @CurrentActor() actor: Caller,
    @Param('path') path: string[],
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const content = await this.proxy.find(actor, path);
    if ('text' in content) return void response.type('text/plain').send(content.text);
    const { stored, name, mayChange } = content;
    const file = { ...stored, mayChange };
    await sendArtifact({ request, response }, file, name, (...of) => this.proxy.open(...of));
  }

  @Put('*path')
  @MlflowRoute('mlflowPutFile', 'member')
  @AcceptsBody('*/*')
  async put(
    @CurrentActor() actor: Caller,
    @Param('path') path: string[],
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    await this.proxy.put(actor, path, request, Number(request.get('content-length') ?? 0));
    response.location(request.path);
    return {};
  }
}
