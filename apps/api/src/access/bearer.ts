import type { Request } from 'express';

const BEARER = /^Bearer +(\S+)$/i;

/** The token of `Authorization: Bearer TOKEN`, if the request has one. */
export function bearerOf(request: Request): string | undefined {
  return BEARER.exec(request.get('authorization') ?? '')?.[1];
}
