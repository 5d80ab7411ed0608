import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Logger } from '#runtime';
import { appErrorOf } from './app-error-of.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';
import { REQUEST_ID } from './request-id.js';

/** Headers that describe the answer that there is none of now. */
const OF_WHAT_WAS_TO_BE_SENT = [
  'ETag',
  'Accept-Ranges',
  'Location',
  'Content-Disposition',
  'Repr-Digest',
  'Content-Digest',
];

/** Answers every error as problem+json; what went wrong inside the service goes to the log alone. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const problem = problemOf(appErrorOf(thrown), {
      instance: `urn:uuid:${randomUUID()}`,
      requestId: response.get(REQUEST_ID),
    });
    if (problem.status >= 500) {
      const { method, path } = request;
      this.logger.error({ err: thrown, method, path, instance: problem.instance }, 'a request failed');
    }
    if (response.headersSent) {
      // Part of the answer is out; only a broken connection tells the client that the rest is missing.
      response.destroy();
      return;
    }
    for (const header of OF_WHAT_WAS_TO_BE_SENT) response.removeHeader(header);
    if (problem.status !== 416) response.removeHeader('Content-Range');
    if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer');
    response.status(problem.status).set('Cache-Control', 'no-store').type(PROBLEM_TYPE);
    response.send(JSON.stringify(problem));
  }
}
