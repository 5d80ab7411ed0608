import { Catch, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { AppError } from '#contracts';
import type { Logger } from '#runtime';
import { appErrorOf } from './app-error-of.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';
import { REQUEST_ID } from './request-id.js';
import { takeBackHeaders } from './take-back-headers.js';

/** Answers every error as problem+json; what went wrong inside the service goes to the log alone. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  /** @param methodsOf what may be done to a path; nothing where no route has it */
  constructor(
    private readonly logger: Logger,
    private readonly methodsOf: (path: string) => readonly string[],
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    // Nest throws it where no route has the path and the method.
    const methods = thrown instanceof NotFoundException ? this.methodsOf(request.path) : [];
    const requestId = response.get(REQUEST_ID);
    const error = methods.length > 0 ? otherMethod(request, methods) : appErrorOf(thrown, requestId);
    const problem = problemOf(error, { instance: `urn:uuid:${randomUUID()}`, requestId });
    if (problem.status >= 500 && !(isReset(thrown) && !request.complete)) {
      const { method, path } = request;
      this.logger.error({ err: thrown, method, path, instance: problem.instance }, 'a request failed');
    }
    if (response.headersSent) {
      // Part of the answer is out; only a broken connection tells the client that the rest is missing.
      response.destroy();
      return;
    }
    takeBackHeaders(response, problem.status);
    if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer');
    if (problem.status === 405) response.set('Allow', methods.join(', '));
    response.status(problem.status).set('Cache-Control', 'no-store').type(PROBLEM_TYPE);
    response.send(JSON.stringify(problem));
  }
}

/** What reading a body throws whose client has gone; nobody has to look into that. */
const isReset = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ECONNRESET';

function otherMethod({ method, path }: Request, methods: readonly string[]): AppError {
  const expected = methods.join(' or ');
  return new AppError('method_not_allowed', `${method} ${path}: expected ${expected}`, {
    fields: [{ field: 'method', value: method, expected }],
  });
}
