import { HttpException } from '@nestjs/common';
import { MulterError } from 'multer';
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
 * parser's exceptions by their status; everything unknown is `internal`, and says nothing about the inside.
 */
export function appErrorOf(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof HttpException) return ofHttpException(thrown);
  return new AppError('internal', 'an unexpected error; the service log has it under this instance', {
    cause: thrown,
  });
}

function ofHttpException(exception: HttpException): AppError {
  const status = exception.getStatus();
  const code = CODE_OF_STATUS[status] ?? (status < 500 ? 'invalid_request' : 'internal');
  const { cause } = exception;
  if (cause instanceof MulterError && cause.field !== undefined) {
    const fields = [{ field: cause.field, expected: expectedPart(cause) }];
    return new AppError(code, `${cause.field}: ${cause.message}`, { fields, cause });
  }
  return new AppError(code, isMalformedJson(cause) ? malformed(exception) : exception.message, { cause });
}

function expectedPart(error: MulterError): string {
  switch (error.code) {
    case 'LIMIT_FILE_SIZE':
      return 'a smaller file';
    case 'LIMIT_UNEXPECTED_FILE':
      return 'one file in each of the documented parts, and no other part';
    default:
      return 'a form with the documented parts';
  }
}

function isMalformedJson(cause: unknown): boolean {
  return cause instanceof SyntaxError && 'type' in cause && cause.type === 'entity.parse.failed';
}

function malformed(exception: HttpException): string {
  return `the body is not valid JSON: ${exception.message}`;
}
