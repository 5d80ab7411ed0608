import { randomUUID } from 'node:crypto';
import type { Request } from 'express';

export const REQUEST_ID = 'X-Request-Id';

/** Nothing that could forge a line of a log. */
const SANE = /^[A-Za-z0-9][\w.:-]{0,127}$/;

/** The id that a request brings, where it is a plain token, else a new one. */
export function requestIdOf(request: Request): string {
  const given = request.get(REQUEST_ID);
  return given !== undefined && SANE.test(given) ? given : randomUUID();
}
