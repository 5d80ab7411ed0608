import type { SweepQueue } from '#jobs';
import { destinationOf } from './job-messages.js';
import type { WorkQueue } from './work-queue.js';

/** The port of sweeps on the service's queues: a flow, whose parent is in `light` and waits for the messages of the jobs. */
export function sweepMessages(queue: Pick<WorkQueue, 'enqueue' | 'enqueueFlow'>): SweepQueue {
  const messageOf = (sweepId: string, traceparent: string | undefined) =>
    ({ sweepId, stage: 'gather', traceparent }) as const;
  return {
    fanOut: (sweepId, jobs, traceparent) =>
      queue.enqueueFlow(
        { queue: 'light', data: messageOf(sweepId, traceparent), id: `${sweepId}.gather` },
        jobs.map((job) => destinationOf({ ...job, traceparent })),
      ),
    look: (sweepId, cause, traceparent) =>
      queue.enqueue('light', messageOf(sweepId, traceparent), { id: `${sweepId}.look.${cause}` }),
  };
}
