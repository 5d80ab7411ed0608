import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { AppError, fieldErrors, type FieldError } from '#contracts';
import { unstorableStrings } from './unstorable-strings.js';

/** The type of a query's metadata, and what its errors call the whole of it. */
const QUERY = 'query';

/** Validates what is bound with `@Body({ schema })` or `@Query({ schema })` by its zod contract, and gives the parsed value. */
export class ContractPipe implements PipeTransform {
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const { schema, type } = metadata;
    return schema instanceof z.ZodType ? checked(schema, value, type) : value;
  }
}

/** @throws AppError invalid_request naming every field, its value and what was expected */
export function checked<T>(schema: z.ZodType<T>, input: unknown, root: string): T {
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const unknown = root === QUERY ? knownParameters(schema) : undefined;
    throw invalidRequest(fieldErrors(parsed.error.issues, input, root, unknown));
  }
  const unstorable = unstorableStrings(input, root);
  if (unstorable.length > 0) throw invalidRequest(unstorable);
  return parsed.data;
}

/** For behind "expected": a query has few parameters, and nothing but this answer lists them where it was sent. */
function knownParameters(schema: z.ZodType): string | undefined {
  return schema instanceof z.ZodObject
    ? `one of the parameters ${Object.keys(schema.shape).join(', ')}`
    : undefined;
}

export function invalidRequest(fields: readonly FieldError[]): AppError {
  const detail = fields.map((error) => `${error.field}${sent(error)}: expected ${error.expected}`).join('; ');
  return new AppError('invalid_request', detail, { fields });
}

function sent(error: FieldError): string {
  return error.value === undefined ? ' is missing' : ` is ${JSON.stringify(error.value)}`;
}
