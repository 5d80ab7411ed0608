import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { mergeMap, type Observable } from 'rxjs';
import type { AuditLog, Change } from '#access';
import type { AuditActor } from '#contracts';
import type { Logger } from '#runtime';
import { callerOf } from '../http/current-actor.js';
import { REPLAYED } from '../http/idempotency.interceptor.js';
import { REQUEST_ID } from '../http/request-id.js';
import { OPERATION } from '../openapi/documented.decorator.js';
import { CHANGES_NOTHING } from './changes-nothing.decorator.js';

interface Author {
  readonly teamId: string;
  readonly actor: AuditActor;
}

const AUTHORS = new WeakMap<Request, Author>();
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Says who makes a change on a route that knows its client by something else than an API key. */
export function noteAuthor(request: Request, teamId: string, actor: AuditActor): void {
  AUTHORS.set(request, { teamId, actor });
}

/**
 * Writes every change that succeeded into the audit log before its answer is sent. An answer that is given again is no
 * change. Where the log cannot be written the client gets an error, and the entry goes to the service log instead.
 */
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly log: AuditLog,
    private readonly logger: Logger,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    if (READS.has(request.method)) return next.handle();
    const record = async (body: unknown) => {
      const response = context.switchToHttp().getResponse<Response>();
      if (this.hasChanged(context, response)) await this.record(context, request, response, body);
      return body;
    };
    return next.handle().pipe(mergeMap(record));
  }

  private hasChanged(context: ExecutionContext, response: Response): boolean {
    const idle = this.reflector.get<number[] | undefined>(CHANGES_NOTHING, context.getHandler()) ?? [];
    return response.get(REPLAYED) === undefined && !idle.includes(response.statusCode);
  }

  private async record(
    context: ExecutionContext,
    request: Request,
    response: Response,
    body: unknown,
  ): Promise<void> {
    const { teamId, actor } = authorOf(request);
    const change: Change = {
      actor,
      action: this.reflector.get<string>(OPERATION, context.getHandler()),
      method: request.method,
      resource: resourceOf(request, response, body),
      status: response.statusCode,
      requestId: response.get(REQUEST_ID),
    };
    try {
      await this.log.record(teamId, change);
    } catch (error) {
      this.logger.error({ err: error, teamId, change }, 'a change could not be written into the audit log');
      throw error;
    }
  }
}

function authorOf(request: Request): Author {
  const caller = callerOf(request);
  if (caller !== undefined) {
    const { teamId, keyId: id, owner: name } = caller;
    return { teamId, actor: { kind: 'api-key', id, name } };
  }
  const author = AUTHORS.get(request);
  if (author === undefined) throw new Error(`nobody is known to have made ${request.method} ${request.path}`);
  return author;
}

/** What was made, else what the path names, else what the answer, or the request, is about. */
function resourceOf(request: Request, response: Response, body: unknown): string | undefined {
  const location = response.get('Location');
  const made = location?.split('/').at(-1);
  const { id, name } = request.params;
  const asked = request.body as { name?: unknown } | undefined;
  return (
    ofModel(location ?? request.path) ??
    made ??
    textOf(id) ??
    textOf(name) ??
    textOf((body as { id?: unknown } | undefined)?.id) ??
    textOf(asked?.name)
  );
}

/** `digits`, its version `digits/3`, its alias `digits@production`. */
function ofModel(path: string): string | undefined {
  const [, model, kind, part] = /^\/v1\/models\/([^/]+)(?:\/(versions|aliases)\/([^/]+))?/.exec(path) ?? [];
  if (model === undefined || part === undefined) return model;
  return kind === 'versions' ? `${model}/${part}` : `${model}@${part}`;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
