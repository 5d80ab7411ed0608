import { Job, JobEvent, type StoredJobEvent } from '#contracts';
import type { Prisma } from '../generated/client.js';
import { json, jsonOrNull, plain } from '../database/rows.js';
import { numberedEventRows } from './event.rows.js';

/** The columns of a job that change during its life. */
export function changingColumns(job: Job) {
  return {
    updatedAt: job.updatedAt,
    state: job.state,
    stage: job.stage,
    until: job.until,
    attempt: job.attempt,
    generation: job.generation,
    attemptsBefore: job.attemptsBefore,
    priority: job.priority,
    worker: jsonOrNull(job.worker),
    held: job.held ?? null,
    waiting: jsonOrNull(job.waiting),
    pin: jsonOrNull(job.pin),
    checkpoint: jsonOrNull(job.checkpoint),
    metricSteps: json(job.metricSteps),
    lastRecord: job.lastRecord ?? null,
    ratios: job.ratios,
    calibrationId: job.calibrationId ?? null,
    latencyTableId: job.latencyTableId ?? null,
    derivation: jsonOrNull(job.derivation),
    progress: jsonOrNull(job.progress),
    candidate: jsonOrNull(job.candidate),
    measuringTaskId: job.measuringTaskId ?? null,
    verification: jsonOrNull(job.verification),
    version: job.version ?? null,
    error: jsonOrNull(job.error),
    startedAt: job.startedAt ?? null,
    finishedAt: job.finishedAt ?? null,
  };
}

export function toJob(row: Prisma.JobModel): Job {
  return Job.parse(plain(row));
}

export function eventRows(job: Job, events: readonly JobEvent[], lastSequence: number) {
  return numberedEventRows(job, events, lastSequence).map((row) => ({ jobId: job.id, ...row }));
}

export function toStoredEvent(row: Prisma.JobEventModel): StoredJobEvent {
  return { sequence: row.sequence, at: row.createdAt.toISOString(), event: JobEvent.parse(row.data) };
}
