import { ERROR_CODES, type AppError, type ErrorCode, type Problem } from '#contracts';
import { PROBLEM_STATUS } from './problem-status.js';

/** Media type of every error answer (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/** Names a kind of problem; docs/errors.md has a section for each. */
export function problemTypeUri(code: ErrorCode): string {
  return `urn:isochron:problem:${code}`;
}

/** What finds a failed request in the log. */
export interface Occurrence {
  readonly instance: string;
  readonly requestId: string | undefined;
}

/** The answer to a request that failed with `error`. */
export function problemOf(error: AppError, { instance, requestId }: Occurrence): Problem {
  return {
    type: problemTypeUri(error.code),
    title: ERROR_CODES[error.code].title,
    status: PROBLEM_STATUS[error.code],
    detail: error.message,
    instance,
    ...(requestId === undefined ? {} : { requestId }),
    code: error.code,
    fault: error.fault,
    ...(error.fields.length > 0 ? { errors: [...error.fields] } : {}),
  };
}
