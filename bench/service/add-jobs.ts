import { randomUUID } from 'node:crypto';
import { CreateJob, newAudit, type Job, type JobEvent } from '#contracts';
import { jobBodies } from './job-bodies.js';
import { ACTOR, type RunningService } from './running-service.js';

const WRITES_AT_ONCE = 100;

/**
 * Writes jobs past the API, with their first event and without a message: no worker gets to know of them.
 * @param changes of the job of a place
 * @returns their ids
 */
export async function addJobs(
  { storage, datasetId }: RunningService,
  count: number,
  changes: (place: number) => Partial<Job>,
): Promise<string[]> {
  const specs = jobBodies(datasetId).map((body) => CreateJob.parse(JSON.parse(body)));
  const ids: string[] = [];
  for (let from = 0; from < count; from += WRITES_AT_ONCE) {
    const places = Array.from({ length: Math.min(WRITES_AT_ONCE, count - from) }, (_, index) => from + index);
    const jobs = places.map((place) => ({ ...newJob(specs[place % specs.length]!), ...changes(place) }));
    await Promise.all(
      jobs.map((job) => storage.jobs.create({ job, events: [firstEvent(job)], messages: [] })),
    );
    ids.push(...jobs.map(({ id }) => id));
  }
  return ids;
}

function newJob(spec: CreateJob): Job {
  return {
    ...newAudit(ACTOR, randomUUID(), new Date()),
    ...{ state: 'queued', stage: 'train', until: spec.until, priority: spec.priority },
    ...{ attempt: 0, generation: 0, attemptsBefore: 0, metricSteps: {} },
    ...{ model: spec.model, spec, ratios: spec.ratios ?? [0] },
  };
}

function firstEvent({ state, stage, attempt }: Job): JobEvent {
  return { type: 'state', state, stage, attempt };
}
