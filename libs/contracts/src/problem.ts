import { z } from 'zod';
import { Fault } from './common.js';

/** RFC 9457 problem details, as every error answer carries them. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string().optional(),
  requestId: z
    .string()
    .optional()
    .describe('of the header X-Request-Id; finds all lines of the request in the log'),
  code: z.string().describe('stable, for programs'),
  fault: Fault,
  errors: z
    .array(
      z.object({
        field: z.string().describe('path of the field, as in operatingPoints[0].name'),
        value: z.unknown().optional().describe('what was sent; left out when the field was missing'),
        expected: z.string(),
      }),
    )
    .optional(),
});
export type Problem = z.infer<typeof Problem>;
