import { z } from 'zod';

/** What /health/live answers. */
export const Liveness = z.object({ status: z.literal('ok') });
export type Liveness = z.infer<typeof Liveness>;

const Part = z.object({
  name: z.enum(['database', 'queue', 'artifacts']),
  status: z.enum(['ok', 'failing']),
  kind: z.string().optional().describe('which implementation: postgres, redis, directory or s3, say'),
  detail: z.string().optional().describe('what fails'),
});

/** What /health/ready answers. */
export const Readiness = z.object({ status: z.enum(['ok', 'failing']), parts: z.array(Part) });
export type Readiness = z.infer<typeof Readiness>;
