import { applyDecorators, HttpCode, Post } from '@nestjs/common';
import { Allows } from '../access/allows.decorator.js';
import {
  BODY_PROBLEMS,
  Documented,
  type Documentation,
  type DocumentedAnswer,
} from '../openapi/documented.decorator.js';

interface Described extends Pick<Documentation, 'id' | 'summary' | 'description'> {
  /** Given at once: the resource as the verb left it. */
  readonly answer: DocumentedAnswer;
  readonly hasBody?: boolean;
}

/**
 * Something that members do to a resource: `POST {path of the controller}/{name}`. Saying it again changes nothing, so it
 * needs no Idempotency-Key.
 */
export function Verb(name: string, { answer, hasBody = false, ...described }: Described): MethodDecorator {
  return applyDecorators(
    Post(name),
    Allows('member'),
    HttpCode(202),
    Documented({
      ...described,
      answers: { 202: answer },
      problems: ['not_found', 'job_state_conflict', ...(hasBody ? BODY_PROBLEMS : [])],
    }),
  );
}
