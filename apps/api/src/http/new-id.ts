import { randomUUID } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { AppError } from '#contracts';

/** The id of what a request makes, fixed before it is made. */
export interface NewId {
  readonly id: string;
  /** An earlier try of the same request may have made it. */
  readonly mayExist: boolean;
}

const NEW_IDS = new WeakMap<Request, NewId>();

/** Has what the request makes get this id. */
export function noteNewId(request: Request, newId: NewId): void {
  NEW_IDS.set(request, newId);
}

/** The id of what the request makes, as a parameter of a route; without an Idempotency-Key it is any. */
export const ForNew = createParamDecorator((_: unknown, context: ExecutionContext): NewId => {
  const request = context.switchToHttp().getRequest<Request>();
  return NEW_IDS.get(request) ?? { id: randomUUID(), mayExist: false };
});

/**
 * Makes a resource once, however often its request is tried: where an earlier try may have made it, it is looked for first,
 * and again where making it fails, for that try may still have been under way.
 * @param find throws AppError not_found where it is not there
 * @param make fails for an id that exists
 * @throws what `make` throws
 */
export async function madeOnce<T>(
  { id, mayExist }: NewId,
  find: (id: string) => Promise<T>,
  make: (id: string) => Promise<T>,
): Promise<T> {
  if (!mayExist) return make(id);
  return find(id).catch((missing: unknown) => {
    if (!isMissing(missing)) throw missing;
    return make(id).catch((error: unknown) =>
      find(id).catch((still: unknown) => {
        throw isMissing(still) ? error : still;
      }),
    );
  });
}

const isMissing = (error: unknown): boolean => error instanceof AppError && error.code === 'not_found';
