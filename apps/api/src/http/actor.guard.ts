import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Actor } from '#contracts';

const ACTORS = new WeakMap<Request, Actor>();

/** Says on whose behalf a request is made. Access control will be another implementation. */
export abstract class ActorResolver {
  /** @throws AppError when the request comes from nobody who is known */
  abstract resolve(request: Request): Actor | Promise<Actor>;
}

/** Every request acts for the same team: access control is still to come. */
export class OneTeam extends ActorResolver {
  constructor(private readonly actor: Actor) {
    super();
  }

  resolve(): Actor {
    return this.actor;
  }
}

@Injectable()
export class ActorGuard implements CanActivate {
  constructor(private readonly actors: ActorResolver) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    ACTORS.set(request, await this.actors.resolve(request));
    return true;
  }
}

/** @throws Error when the guard did not run, which is a mistake in the wiring */
export function actorOf(request: Request): Actor {
  const actor = ACTORS.get(request);
  if (actor === undefined) throw new Error('no ActorGuard ran before this route');
  return actor;
}

/** The actor of the request, as a parameter of a route. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  return actorOf(context.switchToHttp().getRequest<Request>());
});
