import type { z } from 'zod';
import { Id, MeasuringTaskState, PageQuery } from '#contracts';

/** Query of GET /v1/measuring-tasks. */
export const ListMeasuringTasksQuery = PageQuery.extend({
  deviceId: Id.optional(),
  state: MeasuringTaskState.optional(),
  jobId: Id.optional(),
});
export type ListMeasuringTasksQuery = z.infer<typeof ListMeasuringTasksQuery>;
