import { WebhookEventType, type Job, type JobEvent } from '#contracts';
import type { WebhookEvent } from './webhook-event.js';

/**
 * What webhooks are told of the events of a job: each state that has a type of its own, `job.<state>`; but not that its sweep
 * holds it, which nobody asked for.
 * @param job after the events
 * @param lastSequence of the event before the first of `events`, which number on from it
 */
export function jobWebhookEvents(
  job: Job,
  events: readonly JobEvent[],
  lastSequence: number,
): WebhookEvent[] {
  return events.flatMap((event, index) => {
    if (event.type !== 'state' || job.held) return [];
    const type = WebhookEventType.safeParse(`job.${event.state}`);
    if (!type.success) return [];
    const sequence = lastSequence + index + 1;
    const { id, teamId, updatedAt } = job;
    const data = jobSummary(job, event, sequence);
    return [{ teamId, key: `job/${id}/${sequence}`, type: type.data, at: updatedAt, data }];
  });
}

function jobSummary(
  { id, model, deviceId, ratios }: Job,
  { type: _type, ...state }: Extract<JobEvent, { type: 'state' }>,
  sequence: number,
) {
  return { jobId: id, sequence, model, deviceId, ratios, ...state };
}
