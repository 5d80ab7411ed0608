import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Caller } from '#contracts';

const CALLERS = new WeakMap<Request, Caller>();

/** Has the request count as its caller's, once the route is found to be open to it. */
export function noteCaller(request: Request, caller: Caller): void {
  CALLERS.set(request, caller);
}

/** Who makes the request, if a key told. */
export function callerOf(request: Request): Caller | undefined {
  return CALLERS.get(request);
}

/** @throws Error when no AccessGuard ran, or on a public route, which is a mistake in the wiring */
export function actorOf(request: Request): Caller {
  const caller = CALLERS.get(request);
  if (caller === undefined) throw new Error('no caller is known on this route');
  return caller;
}

/** On whose behalf the request is made, as a parameter of a route. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  return actorOf(context.switchToHttp().getRequest<Request>());
});
