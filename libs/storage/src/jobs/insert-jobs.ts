import { randomUUID } from 'node:crypto';
import { isFinal, type Transition } from '#jobs';
import { jobWebhookEvents } from '#webhooks';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { CHANNELS } from '../database/notify.js';
import { mlflowRunRows, type LoggedJobs } from '../mlflow/logged-jobs.js';
import { recordWebhookEvents } from '../webhooks/record-webhook-events.js';
import { eventRows } from './job.rows.js';

/** The first transition of a job, with the trace of the request that it came of. */
export interface NewJob {
  readonly first: Transition;
  readonly traceparent: string | undefined;
  /** Whose jobs MLflow is told of; nobody's without it. */
  readonly logged: LoggedJobs | undefined;
}

/**
 * Writes new jobs with their first events, stages and messages, all of them or none. One statement and, unless there are
 * webhooks to be told, no transaction around it: the time of a submission is that of its round trips to the database.
 */
export async function insertJobs(database: Database, jobs: readonly NewJob[]): Promise<void> {
  if (webhookEventsOf(jobs).length === 0) return insert(database, jobs);
  await inTransaction(database, (tx) => insertJobsIn(tx, jobs));
}

/** Does it within a transaction that writes more. */
export async function insertJobsIn(tx: Transaction, jobs: readonly NewJob[]): Promise<void> {
  await insert(tx, jobs);
  await recordWebhookEvents(tx, webhookEventsOf(jobs));
}

function webhookEventsOf(jobs: readonly NewJob[]) {
  return jobs.flatMap(({ first: { job, events } }) => jobWebhookEvents(job, events, 0));
}

/** Columns are those of the tables in their order; what the JSON lacks is empty. */
async function insert(tx: Pick<Transaction, '$executeRaw'>, jobs: readonly NewJob[]): Promise<void> {
  const messages = jobs.flatMap(messageRows);
  const runs = jobs.flatMap(({ first: { job }, logged }) => mlflowRunRows(job, logged));
  await tx.$executeRaw`
    WITH jobs AS (
      INSERT INTO "Job" SELECT * FROM jsonb_populate_recordset(NULL::"Job", ${text(jobs.map(jobRow))}::jsonb)
    ), events AS (
      INSERT INTO "JobEvent"
      SELECT * FROM jsonb_populate_recordset(NULL::"JobEvent", ${text(jobs.flatMap(firstEventRows))}::jsonb)
      RETURNING "jobId"
    ), stages AS (
      INSERT INTO "JobStageRun"
      SELECT * FROM jsonb_populate_recordset(NULL::"JobStageRun", ${text(jobs.flatMap(stageRows))}::jsonb)
    ), runs AS (
      INSERT INTO "MlflowRun"
      SELECT * FROM jsonb_populate_recordset(NULL::"MlflowRun", ${text(runs)}::jsonb)
    ), messages AS (
      INSERT INTO "OutboxMessage"
        ("teamId", owner, "createdAt", "updatedAt", "jobId", stage, generation, priority, "needsGpu", traceparent)
      SELECT "teamId", owner, now(), now(), "jobId", stage, generation, priority,
        coalesce("needsGpu", false), traceparent
      FROM jsonb_populate_recordset(NULL::"OutboxMessage", ${text(messages)}::jsonb)
    )
    SELECT pg_notify(${CHANNELS.jobEvents}, "jobId"::text) FROM (SELECT DISTINCT "jobId" FROM events) AS told
    UNION ALL SELECT pg_notify(${CHANNELS.outbox}, '') WHERE ${messages.length} > 0`;
}

const text = (rows: readonly object[]): string => JSON.stringify(rows);

/** A job has its columns under their names, but for three. */
function jobRow({ first: { job, events } }: NewJob) {
  const { labels, datasetId } = job.spec;
  return { ...job, labels, datasetId, lastSequence: events.length };
}

function firstEventRows({ first: { job, events } }: NewJob) {
  return eventRows(job, events, 0).map((row) => ({ ...row, updatedAt: job.updatedAt }));
}

/** As `noteStages` has it: the run of the stage that the job is in. */
function stageRows({ first: { job } }: NewJob) {
  if (isFinal(job)) return [];
  const { id: jobId, teamId, owner, stage, createdAt: submittedAt, updatedAt: startedAt } = job;
  const times = { createdAt: startedAt, updatedAt: startedAt, submittedAt, startedAt };
  return [{ id: randomUUID(), teamId, owner, jobId, stage, ...times, endsJob: false }];
}

function messageRows({ first: { job, messages }, traceparent }: NewJob) {
  const { teamId, owner } = job;
  return messages.map((message) => ({ ...message, teamId, owner, traceparent }));
}
