import { z } from 'zod';
import { Name, PageQuery, Timestamp } from './common.js';
import { JobState } from './job-lifecycle.js';
import { LabelFilter } from './label-filter.js';

/** `state=queued,running`: one, or several of which a job has one. */
const States = z
  .string()
  .transform((text, context) => {
    const states = z.array(JobState).safeParse(text.split(','));
    if (states.success) return states.data;
    context.addIssue({
      code: 'custom',
      message: `expected one or several of ${JobState.options.join(', ')}`,
    });
    return z.NEVER;
  })
  .describe('one state or several, separated by commas');

const Instant = Timestamp.transform((text) => new Date(text));

/** Query of GET /v1/jobs: what is given must all hold of a job. */
export const ListJobs = PageQuery.extend({
  state: States.optional(),
  model: Name.optional(),
  owner: z.string().min(1).max(200).optional(),
  label: LabelFilter.optional(),
  createdFrom: Instant.optional(),
  createdBefore: Instant.optional().describe('exclusive'),
});
export type ListJobs = z.infer<typeof ListJobs>;
