import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { ApiKeyService } from '#access';
import type { Caller } from '#contracts';
import { bearerOf } from './bearer.js';

/** What a request's key says of who sent it. */
export interface Identity {
  readonly caller?: Caller | undefined;
  /** Why it could not be found out: the database is away, say. */
  readonly failure?: Error;
}

const IDENTITIES = new WeakMap<Request, Identity>();
/** Of requests with a key that was accepted: looks it up again. */
const LOOKUPS = new WeakMap<Request, () => Promise<Caller | undefined>>();
const NOBODY: Identity = {};

/**
 * Looks up whose key a request carries, before its body is read. It refuses nobody: whether a key is needed is for the
 * route to say.
 */
export function identifies(keys: Pick<ApiKeyService, 'identify'>): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction) => {
    const secret = bearerOf(request);
    if (secret === undefined) return next();
    keys.identify(secret).then(
      (caller) => {
        IDENTITIES.set(request, { caller });
        if (caller !== undefined) LOOKUPS.set(request, () => keys.identify(secret));
        next();
      },
      (failure: Error) => {
        IDENTITIES.set(request, { failure });
        next();
      },
    );
  };
}

/** Who sent the request; nobody where it has no key, or one that is not accepted. */
export function identityOf(request: Request): Identity {
  return IDENTITIES.get(request) ?? NOBODY;
}

/** Whether the key that a long request came with has been revoked, or has expired, meanwhile. Where nobody can tell, it has not. */
export async function isDisowned(request: Request): Promise<boolean> {
  const lookup = LOOKUPS.get(request);
  if (lookup === undefined) return false;
  return lookup().then(
    (caller) => caller === undefined,
    () => false,
  );
}
