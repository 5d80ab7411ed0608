import {
  notFound,
  SweepState,
  type Actor,
  type Job,
  type JobState,
  type ListSweeps,
  type Page,
  type StoredSweepEvent,
} from '#contracts';
import type {
  NewSweep,
  SweepChange,
  SweepRecord,
  SweepRepository,
  SweepWithCounts,
  SweepWithJobs,
  SweptJob,
  UntouchedJobs,
} from '#jobs';
import { inTransaction, type Database } from '../database/database.js';
import { notify } from '../database/notify.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { isId } from '../database/rows.js';
import type { Prisma } from '../generated/client.js';
import type { LoggedJobs } from '../mlflow/logged-jobs.js';
import { insertJobsIn } from './insert-jobs.js';
import { toJob } from './job.rows.js';
import { columnFilter, labelFilter } from './list-filters.js';
import { newSweepColumns, sweepEventRows, toStoredSweepEvent, toSweep } from './sweep.rows.js';
import { untouched } from './untouched.js';
import { addSweepMessage, changeSweep, STANDING, toStanding } from './write-sweep.js';

/** Sweeps, their events and outbox messages in PostgreSQL. */
export class PostgresSweepRepository implements SweepRepository {
  /**
   * @param traceparent of the work that is going on; what is put into the outbox carries it
   * @param logged whose jobs MLflow is told of; nobody's without it
   */
  constructor(
    private readonly database: Database,
    private readonly traceparent: () => string | undefined,
    private readonly logged?: LoggedJobs,
  ) {}

  create({ sweep, jobs, events }: NewSweep): Promise<void> {
    return inTransaction(this.database, async (tx) => {
      const data = { ...newSweepColumns(sweep), lastSequence: events.length };
      await tx.sweep.create({ data });
      await insertJobsIn(
        tx,
        jobs.map((first) => ({
          first: { ...first, messages: [] },
          traceparent: undefined,
          logged: this.logged,
        })),
      );
      await tx.sweepEvent.createMany({ data: sweepEventRows(sweep, events, 0) });
      await addSweepMessage(tx, sweep, { traceparent: this.traceparent() });
      await notify(tx, 'sweepEvents', sweep.id);
    });
  }

  update(sweepId: string, decide: (sweep: SweepRecord, jobs: readonly Job[]) => SweepChange): Promise<void> {
    return inTransaction(this.database, async (tx) => {
      const isKnown = await changeSweep(tx, sweepId, this.traceparent(), async (sweep) => {
        const rows = await tx.job.findMany({ where: { sweepId } });
        return decide(sweep, inOrder(sweep, rows.map(toJob)));
      });
      if (!isKnown) throw notFound('sweep', sweepId);
    });
  }

  load(sweepId: string): Promise<SweepWithJobs | undefined> {
    return this.read({ id: sweepId });
  }

  async find({ teamId }: Actor, sweepId: string): Promise<SweepWithJobs | undefined> {
    return isId(sweepId) ? this.read({ id: sweepId, teamId }) : undefined;
  }

  async stateOf({ teamId }: Actor, sweepId: string): Promise<SweepState | undefined> {
    if (!isId(sweepId)) return undefined;
    const row = await this.database.sweep.findUnique({
      where: { id: sweepId, teamId },
      select: { state: true },
    });
    return row === null ? undefined : SweepState.parse(row.state);
  }

  async list({ teamId }: Actor, query: ListSweeps): Promise<Page<SweepWithCounts>> {
    const { where, ...page } = pageArguments(query);
    const labelled = await labelFilter(this.database, 'sweeps', teamId, query);
    const listed = { ...where, ...columnFilter(query), teamId, ...labelled };
    const rows = await this.database.sweep.findMany({ where: listed, ...page });
    const counts = await this.countsOf(rows.map(({ id }) => id));
    return pageOfRows(rows, query, (row) => ({ sweep: toSweep(row), counts: counts.get(row.id) ?? {} }));
  }

  async jobs(sweepId: string): Promise<Job[]> {
    const row = await this.database.sweep.findUnique({ where: { id: sweepId }, include: { jobs: true } });
    return row === null ? [] : inOrder(toSweep(withoutJobs(row)), row.jobs.map(toJob));
  }

  async eventsAfter(
    { teamId }: Actor,
    sweepId: string,
    sequence: number,
    limit: number,
  ): Promise<StoredSweepEvent[]> {
    if (!isId(sweepId)) return [];
    const rows = await this.database.sweepEvent.findMany({
      where: { sweepId, teamId, sequence: { gt: sequence } },
      orderBy: { sequence: 'asc' },
      take: limit,
    });
    return rows.map(toStoredSweepEvent);
  }

  async unfinished(query: UntouchedJobs): Promise<SweepRecord[]> {
    const { where, ...page } = untouched(query);
    const open = { ...where, state: { in: ['running', 'paused'] } } satisfies Prisma.SweepWhereInput;
    return (await this.database.sweep.findMany({ where: open, ...page })).map(toSweep);
  }

  private async read(where: { id: string; teamId?: string }): Promise<SweepWithJobs | undefined> {
    const include = { jobs: { select: STANDING } };
    const row = await this.database.sweep.findUnique({ where, include });
    if (row === null) return undefined;
    const sweep = toSweep(withoutJobs(row));
    return { sweep, jobs: inOrder<SweptJob>(sweep, row.jobs.map(toStanding)) };
  }

  private async countsOf(sweepIds: string[]): Promise<Map<string, Partial<Record<JobState, number>>>> {
    const groups = await this.database.job.groupBy({
      by: ['sweepId', 'state'],
      where: { sweepId: { in: sweepIds } },
      _count: true,
    });
    const counts = new Map<string, Partial<Record<JobState, number>>>();
    for (const { sweepId, state, _count } of groups)
      counts.set(sweepId!, { ...counts.get(sweepId!), [state]: _count });
    return counts;
  }
}

function withoutJobs<Row extends { jobs: unknown }>({ jobs: _jobs, ...row }: Row): Omit<Row, 'jobs'> {
  return row;
}

/** Jobs as the sweep has them. */
function inOrder<J extends Pick<Job, 'id'>>({ members }: SweepRecord, jobs: readonly J[]): J[] {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  return members.map(({ jobId }) => byId.get(jobId)!);
}
