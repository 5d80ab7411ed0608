import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ErrorCode } from '#contracts';
import type { Logger } from '#runtime';
import { appErrorOf } from '../../http/app-error-of.js';
import { PROBLEM_STATUS } from '../../http/problem-status.js';
import { REQUEST_ID } from '../../http/request-id.js';
import { takeBackHeaders } from '../../http/take-back-headers.js';

export const MLFLOW_LOGGER = Symbol('MlflowLogger');

interface MlflowCode {
  readonly code: string;
  readonly status: number;
}

/** MLflow's words (mlflow/protos/databricks.proto), with the statuses that its own server gives them. */
const OF_CODE: Partial<Record<ErrorCode, MlflowCode>> = {
  invalid_request: { code: 'INVALID_PARAMETER_VALUE', status: 400 },
  bundle_unreadable: { code: 'INVALID_PARAMETER_VALUE', status: 400 },
  unauthenticated: { code: 'UNAUTHENTICATED', status: 401 },
  forbidden: { code: 'PERMISSION_DENIED', status: 403 },
  not_found: { code: 'RESOURCE_DOES_NOT_EXIST', status: 404 },
  already_exists: { code: 'RESOURCE_ALREADY_EXISTS', status: 400 },
  in_use: { code: 'RESOURCE_CONFLICT', status: 409 },
  unavailable: { code: 'TEMPORARILY_UNAVAILABLE', status: 503 },
};

/** Answers every error as MLflow's clients read it. */
@Catch()
export class MlflowErrorFilter implements ExceptionFilter {
  constructor(@Inject(MLFLOW_LOGGER) private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = appErrorOf(thrown, response.get(REQUEST_ID));
    const { code, status } = OF_CODE[error.code] ?? otherCode(PROBLEM_STATUS[error.code]);
    if (status >= 500) {
      const { method, path } = request;
      this.logger.error({ err: thrown, method, path }, 'a request of an MLflow client failed');
    }
    if (response.headersSent) return void response.destroy();
    takeBackHeaders(response, status);
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    response.status(status).set('Cache-Control', 'no-store').type('json');
    response.json({ error_code: code, message: error.message });
  }
}

const otherCode = (status: number): MlflowCode => ({
  code: status >= 500 ? 'INTERNAL_ERROR' : 'BAD_REQUEST',
  status,
});
