import { type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { AppError, type Caller } from '#contracts';
import { noteCaller } from '../http/current-actor.js';
import { rolesText, type Access } from './access.js';
import { ACCESS } from './allows.decorator.js';
import { bearerOf } from './bearer.js';
import type { DeviceScopes } from './device-scopes.js';
import { identityOf } from './identity.js';

/** Lets a request through when the role of its key, and for a device what it is about, allow the route. */
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly scopes: DeviceScopes,
  ) {}

  /** @throws AppError unauthenticated, forbidden, or not_found for what belongs to another device */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const handler = context.getHandler();
    const access = this.reflector.get<Access | undefined>(ACCESS, handler);
    if (access === undefined) throw new Error(`the route ${handler.name} does not say who may call it`);
    if (access.public) return true;
    const request = context.switchToHttp().getRequest<Request>();
    const caller = knownCaller(request);
    if (!access.roles.includes(caller.role)) throw forbidden(caller, access.roles);
    if (caller.role === 'device') await this.scopes.require(access.device, caller, request);
    noteCaller(request, caller);
    return true;
  }
}

function knownCaller(request: Request): Caller {
  const { caller, failure } = identityOf(request);
  if (failure !== undefined) throw failure;
  if (caller !== undefined) return caller;
  const sent = bearerOf(request) !== undefined;
  const detail = sent
    ? 'the API key is not accepted: it is unknown, revoked or expired'
    : 'there is no API key: send one as "Authorization: Bearer iso_..."';
  throw new AppError('unauthenticated', detail);
}

function forbidden({ role, owner }: Caller, roles: Parameters<typeof rolesText>[0]): AppError {
  const needed = rolesText(roles);
  return new AppError('forbidden', `the API key "${owner}" has the role ${role}; this needs ${needed}`);
}
