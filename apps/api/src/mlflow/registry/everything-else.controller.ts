import { All, Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ChangesNothing } from '../../audit/changes-nothing.decorator.js';
import { AcceptsBody } from '../../http/media-type.guard.js';
import { MlflowRoute, MlflowRoutes } from './mlflow-route.decorator.js';

const WHAT_THERE_IS =
  'Isochron has the model registry of MLflow and the artifacts of its versions, no experiments, runs, traces or prompts: ' +
  'keep those on a tracking server of MLflow, and name Isochron by mlflow.set_registry_uri or MLFLOW_REGISTRY_URI';

/** What MLflow's clients ask beyond the registry. It stands behind all other routes. */
@MlflowRoutes()
@Controller()
export class EverythingElseController {
  /** Clients ask before they send large files, or where a workspace is set. */
  @Get('api/3.0/mlflow/server-info')
  @MlflowRoute('mlflowServerInfo', 'viewer')
  serverInfo() {
    return {
      ...{ workspaces_enabled: false, trace_archival_enabled: false },
      ...{ multipart_uploads_enabled: false, multipart_downloads_enabled: false },
    };
  }

  @All(['api/2.0/mlflow/*rest', 'api/2.0/mlflow-artifacts/*rest', 'api/3.0/mlflow/*rest'])
  @MlflowRoute('mlflowUnknown', 'viewer')
  @AcceptsBody('*/*')
  @ChangesNothing(404)
  unknown(@Req() { method, path }: Request, @Res({ passthrough: true }) response: Response) {
    response.status(404);
    return { error_code: 'ENDPOINT_NOT_FOUND', message: `there is no ${method} ${path}: ${WHAT_THERE_IS}` };
  }
}
