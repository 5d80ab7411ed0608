import { z } from 'zod';
import { Name, PageQuery, Timestamp } from './common.js';
import { LabelFilter } from './label-filter.js';

/** `state=queued,running`: one, or several of which what is listed has one. */
function statesOf<State extends Readonly<Record<string, string>>>(State: z.ZodEnum<State>) {
  return z
    .string()
    .transform((text, context) => {
      const states = z.array(State).safeParse(text.split(','));
      if (states.success) return states.data;
      context.addIssue({
        code: 'custom',
        message: `expected one or several of ${State.options.join(', ')}`,
      });
      return z.NEVER;
    })
    .describe('one state or several, separated by commas');
}

const Instant = Timestamp.transform((text) => new Date(text));

/** Query of a list of jobs, or of sweeps: what is given must all hold of what is listed. */
export const listFiltersOf = <State extends Readonly<Record<string, string>>>(State: z.ZodEnum<State>) =>
  PageQuery.extend({
    state: statesOf(State).optional(),
    model: Name.optional(),
    owner: z.string().min(1).max(200).optional(),
    label: LabelFilter.optional(),
    createdFrom: Instant.optional(),
    createdBefore: Instant.optional().describe('exclusive'),
  });
