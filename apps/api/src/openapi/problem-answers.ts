import type { ApiResponseOptions } from '@nestjs/swagger';
import { ERROR_CODES, Problem, type ErrorCode } from '#contracts';
import { PROBLEM_STATUS } from '../http/problem-status.js';
import { PROBLEM_TYPE } from '../http/problem.js';
import { referenceTo } from './components.js';

/** The documentation of error answers: one per status, because several codes may share one. */
export function problemAnswers(codes: readonly ErrorCode[]): ApiResponseOptions[] {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const status = PROBLEM_STATUS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return [...byStatus].map(([status, sameStatus]) => ({
    status,
    description: sameStatus.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}`).join('. '),
    content: { [PROBLEM_TYPE]: { schema: referenceTo(Problem) ?? {} } },
  }));
}
