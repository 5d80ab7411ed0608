import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { AppError } from '#contracts';
import { invalidRequest } from './contract.pipe.js';

/** Throws AppError precondition_failed unless the request's If-Match names a resource as it is now. */
export type Precondition<T extends object> = (current: T) => void;

const ENTITY_TAG = '(?:W/)?"[^"]*"';
const HEADER = new RegExp(`^\\s*${ENTITY_TAG}(?:\\s*,\\s*${ENTITY_TAG})*\\s*$`);
const TOLD_LENGTH = 200;

/** For the documentation of a route with such a parameter. */
export const IF_MATCH = { 'If-Match': 'does it only while the resource has this ETag' };

/** The ETag of a resource that counts its revisions. */
export function etagOf({ revision }: { readonly revision: number }): string {
  return `"${revision}"`;
}

/**
 * The If-Match of the request (RFC 9110, section 13.1.1), as a parameter of a route that changes something; undefined
 * without that header. The validator is the ETag that GET answers with; `*` is held by whatever there is.
 * @throws AppError invalid_request for a header that is no list of ETags
 */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = context.switchToHttp().getRequest<Request>();
  const expressTagOf = request.app.get('etag fn') as (body: string, encoding: 'utf8') => string;
  return preconditionOf(request, (current: object) => expressTagOf(JSON.stringify(current), 'utf8'));
});

/** The same for a resource that counts its revisions. */
export const IfMatchRevision = createParamDecorator((_: unknown, context: ExecutionContext) =>
  preconditionOf(context.switchToHttp().getRequest<Request>(), etagOf),
);

/**
 * Whether the request has `If-None-Match: *` (RFC 9110, section 13.1.2): it is to make something, and to change nothing.
 * @throws AppError invalid_request for any other value, which would say nothing that a change can be held to
 */
export const IfNoneMatchAny = createParamDecorator((_: unknown, context: ExecutionContext): boolean => {
  const header = context.switchToHttp().getRequest<Request>().get('If-None-Match');
  if (header === undefined || header.trim() === '*') return header !== undefined;
  const value = header.slice(0, TOLD_LENGTH);
  throw invalidRequest([{ field: 'If-None-Match', value, expected: '*, or no such header' }]);
});

function preconditionOf<T extends object>(
  request: Request,
  tagOf: (current: T) => string,
): Precondition<T> | undefined {
  const header = request.get('If-Match');
  if (header === undefined) return undefined;
  if (header.trim() === '*') return () => {};
  const told = { field: 'If-Match', value: header.slice(0, TOLD_LENGTH) };
  if (!HEADER.test(header)) {
    throw invalidRequest([{ ...told, expected: 'ETags of the resource, like "1", or *' }]);
  }
  const accepted: readonly string[] = header.match(new RegExp(ENTITY_TAG, 'g')) ?? [];
  return (current) => {
    const tag = tagOf(current);
    if (accepted.includes(tag)) return;
    throw new AppError('precondition_failed', `If-Match is ${told.value}: expected ${tag}`, {
      fields: [{ ...told, expected: `the resource's ETag now: ${tag}` }],
    });
  };
}
