import { z } from 'zod';
import { Timestamp } from './common.js';
import { MetricsBatch } from './job-metrics.js';
import { JobLog } from './jobs.js';

/** Query of GET /v1/jobs/{id}/logs and /metrics. */
export const ListJobRecords = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  cursor: z.coerce.number().int().min(0).optional().describe('the nextCursor of the page before'),
});
export type ListJobRecords = z.infer<typeof ListJobRecords>;

const Recorded = {
  sequence: z.number().int().describe('of the event, among all events of the job'),
  at: Timestamp,
  attempt: z.number().int(),
};

export const JobLogLine = JobLog.extend(Recorded);
export type JobLogLine = z.infer<typeof JobLogLine>;

export const JobMetrics = MetricsBatch.extend(Recorded);
export type JobMetrics = z.infer<typeof JobMetrics>;
