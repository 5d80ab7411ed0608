import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import type { ErrorCode } from '#contracts';
import { PROBLEM_STATUS } from '../http/problem-status.js';
import { referenceTo } from './components.js';
import { problemAnswers } from './problem-answers.js';

/** Metadata of a route: its operationId. */
export const OPERATION = 'isochron:operation';

/** One successful answer of a route. */
export interface DocumentedAnswer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Media type of the body; JSON where a schema is given. */
  readonly mediaType?: string;
  /** Media types that the same is answered in as text, when they are asked for. */
  readonly alsoAs?: readonly string[];
  /** Names of headers with what they say. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Documentation {
  /** operationId: the name that generated clients give the call. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly answers: Readonly<Record<number, DocumentedAnswer>>;
  /** What may go wrong, besides what may go wrong anywhere. */
  readonly problems?: readonly ErrorCode[];
  /** Request headers with what they do. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A request body that no `@Body({ schema })` says. */
  readonly requestBody?: NonNullable<Parameters<typeof ApiOperation>[0]['requestBody']>;
}

/** What reading and checking a JSON body may end in. */
export const BODY_PROBLEMS: readonly ErrorCode[] = [
  'invalid_request',
  'payload_too_large',
  'unsupported_media_type',
];
const ANYWHERE: readonly ErrorCode[] = ['internal', 'unavailable'];

/** Describes a route for /openapi.json: a route without it is refused when the document is built. */
export function Documented(documentation: Documentation): MethodDecorator {
  const { id, answers, problems = [], headers = {}, ...rest } = documentation;
  const codes = [...problems, ...ANYWHERE].filter((code) => !(PROBLEM_STATUS[code] in answers));
  return applyDecorators(
    SetMetadata(OPERATION, id),
    ApiOperation({ operationId: id, ...rest }),
    ...Object.entries(answers).map(([status, answer]) => ApiResponse(answerOf(Number(status), answer))),
    ...problemAnswers(codes).map((answer) => ApiResponse(answer)),
    ...Object.entries(headers).map(([name, text]) => ApiHeader({ name, description: text, required: false })),
  );
}

function answerOf(status: number, answer: DocumentedAnswer) {
  const { description, schema, mediaType = 'application/json', alsoAs = [], headers = {} } = answer;
  const documentedHeaders = Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [
      name,
      { description: text, schema: { type: 'string' as const } },
    ]),
  );
  const binary = mediaType === 'application/octet-stream';
  const others = alsoAs.map((type) => [type, { schema: { type: 'string' as const } }] as const);
  const content = {
    [mediaType]: binary ? {} : { schema: referenceTo(schema) ?? {} },
    ...Object.fromEntries(others),
  };
  const hasBody = schema !== undefined || binary;
  return { status, description, headers: documentedHeaders, ...(hasBody ? { content } : {}) };
}
