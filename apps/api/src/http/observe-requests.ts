import { AsyncResource } from 'node:async_hooks';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { withLogFields, type Logger } from '#runtime';
import {
  beginServerSpan,
  noSpan,
  traceFields,
  withSpan,
  SpanStatusCode,
  type AnsweredRequest,
  type HttpMetrics,
  type Span,
} from '#telemetry';
import { REQUEST_ID, requestIdOf } from './request-id.js';

export interface RequestObservers {
  readonly logger: Logger;
  readonly metrics: Pick<HttpMetrics, 'observe'>;
}

/** Asked for again and again by machines; of interest only to who debugs them. */
const QUIET = /^\/(health|metrics)(\/|$)/;
/** No route had the path, or the request was refused before one was looked for. */
const NO_ROUTE = '(none)';

/**
 * Gives every request an id, a span, a line in the log and a place in the metrics. All that is logged while it is answered
 * carries the id.
 */
export function observeRequests(observers: RequestObservers): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const startedMs = performance.now();
    const requestId = requestIdOf(request);
    response.set(REQUEST_ID, requestId);
    const span = QUIET.test(request.path) ? noSpan() : beginRequestSpan(request, requestId);
    withLogFields({ requestId, ...traceFields(span) }, () =>
      withSpan(span, () => {
        const ended = () => {
          const answered = answeredRequest(request, response, startedMs);
          endSpan(span, answered);
          observers.metrics.observe(answered);
          logAccess(observers.logger, request, answered);
        };
        // The event comes from the connection, which knows nothing of this request's log fields.
        response.once('close', AsyncResource.bind(ended));
        next();
      }),
    );
  };
}

function beginRequestSpan({ method, path, headers }: Request, requestId: string): Span {
  return beginServerSpan(method, headers, {
    'http.request.method': method,
    'url.path': path,
    'isochron.request.id': requestId,
  });
}

function answeredRequest(request: Request, response: Response, startedMs: number): AnsweredRequest {
  const route = (request.route as { path?: string } | undefined)?.path ?? NO_ROUTE;
  const status = response.headersSent ? response.statusCode : undefined;
  return { method: request.method, route, status, seconds: (performance.now() - startedMs) / 1000 };
}

function endSpan(span: Span, { method, route, status }: AnsweredRequest): void {
  if (route !== NO_ROUTE) {
    span.updateName(`${method} ${route}`);
    span.setAttribute('http.route', route);
  }
  if (status !== undefined) span.setAttribute('http.response.status_code', status);
  if (status !== undefined && status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** Paths only: a query may hold what is nobody's business. */
function logAccess(
  logger: Logger,
  request: Request,
  { method, route, status, seconds }: AnsweredRequest,
): void {
  const line = { method, route, path: request.path, status, ms: Math.round(seconds * 1e4) / 10 };
  const text = `${method} ${request.path} ${status ?? 'was left'}`;
  if (status !== undefined && status >= 500) logger.error(line, text);
  else if (QUIET.test(request.path)) logger.debug(line, text);
  else logger.info(line, text);
}
