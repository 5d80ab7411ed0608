import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { AppError } from '#contracts';

/** Throws AppError precondition_failed unless the request's If-Match names a resource as it is now. */
export type Precondition = (current: object) => void;

type EntityTagOf = (body: string, encoding: 'utf8') => string;

const TAG = /(?:W\/)?"[^"]*"/g;

/**
 * The If-Match of the request, as a parameter of a route that changes something; undefined without that header. The
 * validator of a resource is the ETag that GET answers it with.
 */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext) => {
  return preconditionOf(context.switchToHttp().getRequest<Request>());
});

/** For the documentation of such a route. */
export const IF_MATCH = { 'If-Match': 'does it only while the resource has this ETag' };

function preconditionOf(request: Request): Precondition | undefined {
  const header = request.get('If-Match');
  if (header === undefined || header.trim() === '*') return undefined;
  const accepted: readonly string[] = header.match(TAG) ?? [];
  const tagOf = request.app.get('etag fn') as EntityTagOf;
  return (current) => {
    const tag = tagOf(JSON.stringify(current), 'utf8');
    if (accepted.includes(tag)) return;
    throw new AppError('precondition_failed', `If-Match is ${header.slice(0, 200)}: expected ${tag}`, {
      fields: [
        { field: 'If-Match', value: header.slice(0, 200), expected: `the resource's ETag now: ${tag}` },
      ],
    });
  };
}
