import {
  HttpException,
  Inject,
  Injectable,
  mixin,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import { MulterError } from 'multer';
import { catchError, throwError, type Observable } from 'rxjs';
import { AppError } from '#contracts';
import {
  DEFAULT_FILE_BYTES,
  MAX_FIELDS,
  UPLOAD_LIMITS,
  type UploadLimits,
  type UploadParts,
} from './upload-limits.js';

/** Stands before Multer's interceptor: an upload that is refused hears which limit it exceeded. */
export function namesUploadLimits(parts: UploadParts): Type<NestInterceptor> {
  @Injectable()
  class NamesUploadLimits implements NestInterceptor {
    constructor(@Inject(UPLOAD_LIMITS) private readonly limits: UploadLimits) {}

    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      return next.handle().pipe(catchError((error) => throwError(() => named(error, this.limits, parts))));
    }
  }
  return mixin(NamesUploadLimits);
}

function named(thrown: unknown, limits: UploadLimits, parts: UploadParts): unknown {
  if (!(thrown instanceof HttpException && thrown.cause instanceof MulterError)) return thrown;
  const { cause } = thrown;
  const { field = 'body' } = cause;
  const expected = expectedOf(cause.code, limits, parts);
  const code = thrown.getStatus() === 413 ? 'payload_too_large' : 'invalid_request';
  const detail = `${field}: ${cause.message}: expected ${expected}`;
  return new AppError(code, detail, { fields: [{ field, expected }], cause });
}

function expectedOf(
  code: string,
  { maxFileBytes }: UploadLimits,
  { files, fieldBytes }: UploadParts,
): string {
  switch (code) {
    case 'LIMIT_FILE_SIZE':
      return `a file of at most ${maxFileBytes ?? DEFAULT_FILE_BYTES} bytes`;
    case 'LIMIT_FIELD_VALUE':
      return `a text of at most ${fieldBytes} bytes`;
    case 'LIMIT_FIELD_COUNT':
      return `at most ${MAX_FIELDS} text parts`;
    case 'LIMIT_UNEXPECTED_FILE':
    case 'LIMIT_FILE_COUNT':
    case 'LIMIT_PART_COUNT':
      return `the documented parts, and at most ${files} files in all`;
    default:
      return 'a form with the documented parts';
  }
}
