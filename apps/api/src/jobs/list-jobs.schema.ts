import type { z } from 'zod';
import { JobState, Name, PageQuery } from '#contracts';

/** Query of GET /v1/jobs. */
export const ListJobsQuery = PageQuery.extend({
  state: JobState.optional(),
  model: Name.optional(),
});
export type ListJobsQuery = z.infer<typeof ListJobsQuery>;
