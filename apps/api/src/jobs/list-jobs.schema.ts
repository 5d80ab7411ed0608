import { z } from 'zod';
import { JobState, LabelFilter, Name, PageQuery, Timestamp } from '#contracts';

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

/** Query of GET /v1/jobs. */
export const ListJobsQuery = PageQuery.extend({
  state: States.optional(),
  model: Name.optional(),
  owner: z.string().min(1).max(200).optional(),
  label: LabelFilter.optional(),
  createdFrom: Timestamp.optional(),
  createdBefore: Timestamp.optional().describe('exclusive'),
});
export type ListJobsQuery = z.infer<typeof ListJobsQuery>;
