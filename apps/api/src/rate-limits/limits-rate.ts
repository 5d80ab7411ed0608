import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { AppError } from '#contracts';
import { identityOf } from '../access/identity.js';
import type { RateLimiter, Taken } from './rate-limiter.js';

/** Whoever watches the service must be answered, however much else is asked. */
const NOT_COUNTED = /^\/health\//;

/**
 * Counts requests per key, and per address where there is no key that is accepted; before the body is read. Answers
 * carry `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).
 */
export function limitsRate(limiter: RateLimiter): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    if (NOT_COUNTED.test(request.path)) return next();
    limiter.take(whoSends(request)).then((taken) => {
      tell(response, limiter, taken);
      next(taken.allowed ? undefined : exceeded(limiter, taken));
    }, next);
  };
}

function whoSends(request: Request): string {
  const { caller } = identityOf(request);
  return caller === undefined ? `address ${request.ip ?? 'unknown'}` : `key ${caller.keyId}`;
}

function tell(response: Response, { perMinute }: RateLimiter, taken: Taken): void {
  response.set('RateLimit-Policy', `"minute";q=${perMinute};w=60`);
  response.set('RateLimit', `"minute";r=${taken.remaining};t=${taken.resetSeconds}`);
  if (!taken.allowed) response.set('Retry-After', String(taken.resetSeconds));
}

function exceeded({ perMinute }: RateLimiter, { resetSeconds }: Taken): AppError {
  return new AppError(
    'rate_limited',
    `more than ${perMinute} requests in a minute: try again in ${resetSeconds} s`,
  );
}
