import { applyDecorators, HttpCode, SetMetadata, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allows } from '../../access/allows.decorator.js';
import type { LadderRole } from '../../access/access.js';
import { OPERATION } from '../../openapi/documented.decorator.js';
import { MlflowErrorFilter } from './mlflow-error.filter.js';

/**
 * Routes as MLflow's clients call them. They answer errors in MLflow's form and are no part of /openapi.json: what they are is
 * described by MLflow (docs/mlflow.md lists them).
 */
export function MlflowRoutes(): ClassDecorator {
  return applyDecorators(ApiExcludeController(), UseFilters(MlflowErrorFilter));
}

/** @param operation its name in the audit log */
export function MlflowRoute(operation: string, least: LadderRole): MethodDecorator {
  return applyDecorators(SetMetadata(OPERATION, operation), Allows(least), HttpCode(200));
}
