import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { AppError, fieldErrors, type FieldError } from '#contracts';
import { unstorableStrings } from './unstorable-strings.js';

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
  if (!parsed.success) throw invalidRequest(fieldErrors(parsed.error.issues, input, root));
  const unstorable = unstorableStrings(input, root);
  if (unstorable.length > 0) throw invalidRequest(unstorable);
  return parsed.data;
}

export function invalidRequest(fields: readonly FieldError[]): AppError {
  const detail = fields.map((error) => `${error.field}${sent(error)}: expected ${error.expected}`).join('; ');
  return new AppError('invalid_request', detail, { fields });
}

function sent(error: FieldError): string {
  return error.value === undefined ? ' is missing' : ` is ${JSON.stringify(error.value)}`;
}
