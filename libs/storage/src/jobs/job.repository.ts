import {
  notFound,
  type Actor,
  type Job,
  type JobEvent,
  type JobState,
  type Page,
  type StoredJobEvent,
  type ListJobs,
} from '#contracts';
import {
  AT_WORK,
  isFinal,
  type JobRepository,
  type MeasuredJob,
  type Transition as JobTransition,
  type UnfinishedJobs,
  type UntouchedJobs,
  type WaitingJob,
} from '#jobs';
import { jobWebhookEvents } from '#webhooks';
import type { ArtifactReferences } from '../artifacts/artifact-references.js';
import { artifactRow } from '../artifacts/artifact.rows.js';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { rethrowTranslated } from '../database/database-errors.js';
import { notify } from '../database/notify.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { isId, plain } from '../database/rows.js';
import { SharedReads } from '../database/shared-reads.js';
import { WriteBatches } from '../database/write-batches.js';
import { reopenMlflowRun, type LoggedJobs } from '../mlflow/logged-jobs.js';
import { recordWebhookEvents } from '../webhooks/record-webhook-events.js';
import { insertJobs, type NewJob } from './insert-jobs.js';
import { changingColumns, eventRows, toJob, toStoredEvent } from './job.rows.js';
import { columnFilter, labelFilter } from './list-filters.js';
import { noteStages } from './note-stages.js';
import { untouched } from './untouched.js';
import { noteInSweep } from './write-sweep.js';

const JOBS_PER_WRITE = 100;
/** Further ones would only wait for each other: PostgreSQL commits transactions with notifications one by one. */
const WRITES_AT_ONCE = 2;

/** Jobs, events and outbox messages in PostgreSQL. */
export class PostgresJobRepository implements JobRepository {
  private readonly newJobs: WriteBatches<NewJob>;
  /** Many may follow a job, and all ask when it has news. */
  private readonly reads = new SharedReads();

  /**
   * @param traceparent of the work that is going on; what is put into the outbox carries it
   * @param logged whose new jobs MLflow is told of; nobody's without it
   */
  constructor(
    private readonly database: Database,
    private readonly references: ArtifactReferences,
    private readonly traceparent: () => string | undefined,
    private readonly logged?: LoggedJobs,
  ) {
    const write = (jobs: readonly NewJob[]) => insertJobs(database, jobs).catch(rethrowTranslated);
    this.newJobs = new WriteBatches({ write, maxItems: JOBS_PER_WRITE, atOnce: WRITES_AT_ONCE });
  }

  create(first: JobTransition): Promise<void> {
    return this.newJobs.add({ first, traceparent: this.traceparent(), logged: this.logged });
  }

  /** As the port says; `decide` may read in the transaction. */
  async update(
    jobId: string,
    decide: (job: Job, tx: Transaction) => JobTransition | Promise<JobTransition>,
  ): Promise<JobTransition> {
    if (!isId(jobId)) throw notFound('job', jobId);
    return inTransaction(this.database, async (tx) => {
      await tx.$queryRaw`SELECT id FROM "Job" WHERE id = ${jobId}::uuid FOR UPDATE`;
      const row = await tx.job.findUnique({ where: { id: jobId } });
      if (row === null) throw notFound('job', jobId);
      const before = toJob(row);
      const decided = await decide(before, tx);
      if (decided.job === before) return decided;
      const lastSequence = row.lastSequence + decided.events.length;
      const data = { ...changingColumns(decided.job), lastSequence };
      await tx.job.update({ where: { id: jobId }, data });
      await this.noteBundle(tx, before, decided.job);
      await noteStages(tx, before, decided.job);
      if (isFinal(before) && !isFinal(decided.job)) await reopenMlflowRun(tx, jobId);
      await addEventsAndMessages(tx, decided, row.lastSequence, this.traceparent());
      await noteInSweep(tx, decided, this.traceparent());
      return decided;
    });
  }

  async load(jobId: string): Promise<Job | undefined> {
    if (!isId(jobId)) return undefined;
    const row = await this.database.job.findUnique({ where: { id: jobId } });
    return row === null ? undefined : toJob(row);
  }

  async find({ teamId }: Actor, jobId: string): Promise<Job | undefined> {
    if (!isId(jobId)) return undefined;
    return this.reads.read(`${teamId} ${jobId}`, async () => {
      const row = await this.database.job.findUnique({ where: { id: jobId, teamId } });
      return row === null ? undefined : toJob(row);
    });
  }

  async list({ teamId }: Actor, query: ListJobs): Promise<Page<Job>> {
    const { where, ...page } = pageArguments(query);
    const labelled = await labelFilter(this.database, 'jobs', teamId, query);
    const listed = { ...where, ...columnFilter(query), teamId, ...labelled };
    const rows = await this.database.job.findMany({ where: listed, ...page });
    return pageOfRows(rows, query, toJob);
  }

  private async noteBundle(tx: Transaction, before: Job, after: Job): Promise<void> {
    const bundle = after.candidate?.bundle;
    if (bundle === undefined || bundle.digest === before.candidate?.bundle.digest) return;
    await this.references.note(tx, [artifactRow(after, 'bundle', bundle)]);
  }

  async eventsAfter(
    { teamId }: Actor,
    jobId: string,
    sequence: number,
    limit: number,
  ): Promise<StoredJobEvent[]> {
    const where = { jobId, teamId, sequence: { gt: sequence } };
    return this.reads.read(`${teamId} ${jobId} ${sequence} ${limit}`, () => this.events(where, limit));
  }

  async eventsOfType(
    { teamId }: Actor,
    jobId: string,
    type: JobEvent['type'],
    sequence: number,
    limit: number,
  ): Promise<StoredJobEvent[]> {
    return this.events({ jobId, teamId, type, sequence: { gt: sequence } }, limit);
  }

  async unfinished({ states, ids, ...query }: UnfinishedJobs): Promise<Job[]> {
    const { where, ...page } = untouched(query);
    const id = { ...where.id, ...(ids && { in: [...ids] }) };
    const state = { in: [...(states ?? WORKED_ON)] };
    return (await this.database.job.findMany({ where: { ...where, id, state }, ...page })).map(toJob);
  }

  async measured(ids: readonly string[]): Promise<MeasuredJob[]> {
    const rows = await this.database.job.findMany({ where: { id: { in: [...ids] } }, select: OF_MEASURED });
    return rows.map((row) => plain(row) as unknown as MeasuredJob);
  }

  waiting(query: UntouchedJobs): Promise<WaitingJob[]> {
    const { where, ...page } = untouched(query);
    return this.database.job.findMany({ where: { ...where, state: 'queued' }, ...page, select: OF_WAITING });
  }

  private async events(
    where: { jobId: string; teamId: string; type?: string; sequence: { gt: number } },
    limit: number,
  ): Promise<StoredJobEvent[]> {
    if (!isId(where.jobId)) return [];
    const rows = await this.database.jobEvent.findMany({
      where,
      orderBy: { sequence: 'asc' },
      take: limit,
    });
    return rows.map(toStoredEvent);
  }
}

/** All but those that are over or paused. */
const WORKED_ON: readonly JobState[] = ['queued', ...AT_WORK];

const OF_WAITING = {
  ...{ id: true, stage: true, generation: true, priority: true },
  ...{ attempt: true, attemptsBefore: true },
} as const;

const OF_MEASURED = {
  ...{ id: true, teamId: true, owner: true, state: true, stage: true },
  ...{ measuringTaskId: true, verification: true },
} as const;

async function addEventsAndMessages(
  tx: Transaction,
  { job, events, messages }: JobTransition,
  lastSequence: number,
  traceparent: string | undefined,
): Promise<void> {
  const { id: jobId, teamId, owner } = job;
  if (events.length > 0) {
    await tx.jobEvent.createMany({ data: eventRows(job, events, lastSequence) });
    await notify(tx, 'jobEvents', jobId);
    await recordWebhookEvents(tx, jobWebhookEvents(job, events, lastSequence));
  }
  if (messages.length > 0) {
    const data = messages.map((message) => ({ ...message, traceparent, teamId, owner }));
    await tx.outboxMessage.createMany({ data });
    await notify(tx, 'outbox', jobId);
  }
}
