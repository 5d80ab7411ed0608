import { HttpException } from '@nestjs/common';
import { AppError, type ErrorCode } from '#contracts';

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  404: 'not_found',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  503: 'unavailable',
};

/**
 * What the service's own error family makes of anything thrown while a request is answered: Nest's and the body
 * parser's exceptions by their status, everything unknown is `internal`. What is `internal` says nothing about the inside, whoever
 * threw it: its text may be that of another error, with the paths and the stack of a thread.
 * @param requestId that the log has it under
 */
export function appErrorOf(thrown: unknown, requestId?: string): AppError {
  const error = knownError(thrown);
  if (error !== undefined && error.code !== 'internal') return error;
  const place = requestId === undefined ? '' : ` under the request id ${requestId}`;
  return new AppError('internal', `an unexpected error; the service log has it${place}`, { cause: thrown });
}

function knownError(thrown: unknown): AppError | undefined {
  if (thrown instanceof AppError) return thrown;
  return thrown instanceof HttpException ? ofHttpException(thrown) : undefined;
}

function ofHttpException(exception: HttpException): AppError {
  const status = exception.getStatus();
  const code = CODE_OF_STATUS[status] ?? (status < 500 ? 'invalid_request' : 'internal');
  const { cause } = exception;
  const limit = exceededLimit(cause);
  if (limit !== undefined) {
    const expected = `at most ${limit} bytes`;
    return new AppError(code, `the body is too large: expected ${expected}`, {
      fields: [{ field: 'body', expected }],
      cause,
    });
  }
  return new AppError(code, isMalformedJson(cause) ? malformed(exception) : exception.message, { cause });
}

/** Of the body parser, in bytes. */
function exceededLimit(cause: unknown): number | undefined {
  if (!(cause instanceof Error && 'type' in cause && cause.type === 'entity.too.large')) return undefined;
  return 'limit' in cause && typeof cause.limit === 'number' ? cause.limit : undefined;
}

function isMalformedJson(cause: unknown): boolean {
  return cause instanceof SyntaxError && 'type' in cause && cause.type === 'entity.parse.failed';
}

function malformed(exception: HttpException): string {
  return `the body is not valid JSON: ${exception.message}`;
}
