import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { PublishedBody } from '#contracts';
import { announcedDigests, checkAnnounced } from '../http/announced-digests.js';
import { checked } from '../http/contract.pipe.js';
import { actorOf } from '../http/current-actor.js';
import { noteUploadDigests } from '../http/request-fingerprint.js';
import { BundleBodies, type BundleBody } from './bundle-bodies.js';

/** Media types of bodies that are bundles. */
export const BUNDLE_TYPES = ['application/octet-stream', 'application/vnd.safetensors'] as const;

const BODIES = new WeakMap<Request, BundleBody>();

/** The bundle that a request brought; undefined for one that has something else for a body. */
export function bundleBodyOf(request: Request): BundleBody | undefined {
  return BODIES.get(request);
}

/**
 * Takes in a body that is a bundle, has it count for the Idempotency-Key, and removes what is left of it when the request is over. What
 * can be refused before the body has come is refused then.
 */
@Injectable()
export class BundleBodyInterceptor implements NestInterceptor {
  constructor(private readonly bodies: BundleBodies) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    if (!request.is([...BUNDLE_TYPES])) return next.handle();
    checked(PublishedBody, request.query, 'query');
    const announced = announcedDigests(request);
    await this.bodies.model(actorOf(request), String(request.params['name']));
    const length = request.get('Content-Length');
    const body = await this.bodies.receive(request, length === undefined ? undefined : Number(length));
    try {
      checkAnnounced(announced, body.digest);
      const { search } = new URL(request.originalUrl, 'http://_');
      noteUploadDigests(request, { bundle: body.digest, query: search });
      BODIES.set(request, body);
      return of(await lastValueFrom<unknown>(next.handle()));
    } finally {
      await this.bodies.remove(body);
    }
  }
}
