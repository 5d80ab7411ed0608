import type { z } from 'zod';
import { JobState } from './job-lifecycle.js';
import { listFiltersOf } from './list-filters.js';

/** Query of GET /v1/jobs: what is given must all hold of a job. */
export const ListJobs = listFiltersOf(JobState);
export type ListJobs = z.infer<typeof ListJobs>;
