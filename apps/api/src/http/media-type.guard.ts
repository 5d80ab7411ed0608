import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { AppError } from '#contracts';

const ACCEPTED_TYPES = 'isochron:accepted-media-types';
const JSON_ALONE = ['application/json'];

/** Media types of the bodies that a route reads; JSON alone where it says nothing. */
export const AcceptsBody = (...types: string[]) => SetMetadata(ACCEPTED_TYPES, types);

/** Refuses a body of a media type that the route does not read, instead of taking it for a missing one. */
@Injectable()
export class MediaTypeGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const accepted =
      this.reflector.get<string[] | undefined>(ACCEPTED_TYPES, context.getHandler()) ?? JSON_ALONE;
    if (isEmpty(request) || request.is(accepted) !== false) return true;
    const sent = request.headers['content-type'] ?? 'none';
    throw new AppError(
      'unsupported_media_type',
      `Content-Type is "${sent}": expected ${accepted.join(' or ')}`,
      { fields: [{ field: 'Content-Type', value: sent, expected: accepted.join(' or ') }] },
    );
  }
}

/** A POST without a body says so by its length, and then has no type; a GET says nothing, and `is` gives null. */
function isEmpty({ headers }: Request): boolean {
  return headers['content-length'] === '0';
}
