import { applyDecorators, HttpCode, UseInterceptors } from '@nestjs/common';
import { BODY_PROBLEMS, Documented, type Documentation } from '../openapi/documented.decorator.js';
import { IDEMPOTENCY_KEY, IdempotencyInterceptor } from './idempotency.interceptor.js';

/** A POST that creates or counts something: with an Idempotency-Key it does so once, however often it is sent. */
export function Creates(status: 200 | 201 | 202, documentation: Documentation): MethodDecorator {
  const { problems = [], headers = {} } = documentation;
  return applyDecorators(
    HttpCode(status),
    UseInterceptors(IdempotencyInterceptor),
    Documented({
      ...documentation,
      problems: [...BODY_PROBLEMS, 'idempotency_key_reused', 'request_in_progress', ...problems],
      headers: {
        ...headers,
        [IDEMPOTENCY_KEY]:
          'names this request: sent again with the same body, it gets the first answer, or what the first try made, and makes nothing more',
      },
    }),
  );
}

/** The Location header of what was created, for the documentation. */
export const LOCATION = { Location: 'path of the new resource' };
