import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { AppError } from '#contracts';
import type { HeldKey, IdempotencyStore, StoredAnswer } from '#storage';
import { appErrorOf } from './app-error-of.js';
import { actorOf } from './current-actor.js';
import { invalidRequest } from './contract.pipe.js';
import { noteNewId } from './new-id.js';
import { requestFingerprint } from './request-fingerprint.js';

export const IDEMPOTENCY_KEY = 'Idempotency-Key';
/** Of an answer that is given again. */
export const REPLAYED = 'Idempotency-Replayed';
export const IDEMPOTENCY_STORE = Symbol('IdempotencyStore');
const KEY_FORM = /^[\x21-\x7e]{1,200}$/;

/** The parts of the answer that are kept beside status and body. */
const KEPT_HEADERS = ['Location'] as const;

/**
 * Answers a repeated request with the answer to the first one, when both carry the same Idempotency-Key and body.
 * Only success is kept: what was refused may be tried again. A request that ended nobody knows how, because its process was
 * killed or the database went away, is tried again with the same id for what it makes.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(@Inject(IDEMPOTENCY_STORE) private readonly store: IdempotencyStore) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    const key = keyOf(request);
    if (key === undefined) return next.handle();
    const actor = actorOf(request);
    const begun = await this.store.begin(actor, key, requestFingerprint(request));
    if (begun.state === 'answered') return of(replay(begun.answer, response));
    const { resourceId: id, isRepeated: mayExist } = begun.held;
    noteNewId(request, { id, mayExist });
    return of(await this.answer(begun.held, next, response));
  }

  private async answer(held: HeldKey, next: CallHandler, response: Response) {
    let body: unknown;
    try {
      body = await lastValueFrom<unknown>(next.handle());
    } catch (error) {
      await this.leave(held, error);
      throw error;
    }
    const headers = Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => {
        const value = response.get(name);
        return value === undefined ? [] : [[name, value]];
      }),
    );
    const answer = { status: response.statusCode, headers, body };
    // What was made is there: who sends the request again is answered with it.
    await this.store.finish(held, answer).catch(unlessUnavailable);
    return body;
  }

  /** Only of a request that was refused is it known that it made nothing; and not where an earlier try may have. */
  private async leave(held: HeldKey, error: unknown): Promise<void> {
    const madeNothing = appErrorOf(error).fault === 'user' && !held.isRepeated;
    const left = madeNothing ? this.store.abandon(held) : this.store.release(held);
    await left.catch(unlessUnavailable); // its lease runs out
  }
}

function unlessUnavailable(error: unknown): void {
  if (!(error instanceof AppError) || error.code !== 'unavailable') throw error;
}

function replay({ status, headers, body }: StoredAnswer, response: Response): unknown {
  response.status(status).set(headers).set(REPLAYED, 'true');
  return body;
}

function keyOf(request: Request): string | undefined {
  const key = request.get(IDEMPOTENCY_KEY);
  if (key === undefined || KEY_FORM.test(key)) return key;
  const expected = '1 to 200 visible ASCII characters';
  throw invalidRequest([{ field: IDEMPOTENCY_KEY, value: key.slice(0, 200), expected }]);
}
