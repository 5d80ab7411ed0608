import { randomUUID } from 'node:crypto';
import { FINAL_JOB_STATES } from '#contracts';
import type { ClaimedRun, RunNews, RunRepository } from '#mlflow';
import { inTransaction, type Database } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { toJob, toStoredEvent } from '../jobs/job.rows.js';
import type { LoggedJobs } from './logged-jobs.js';

interface DueRow {
  readonly jobId: string;
  readonly runId: string | null;
  readonly sequence: number;
  readonly inDoubt: boolean;
}

const NOBODY = { leaseToken: null, leaseExpiresAt: null };

/** Times are by the clock of the database. */
export class PostgresMlflowRuns implements RunRepository {
  constructor(
    private readonly database: Database,
    private readonly logged: LoggedJobs,
  ) {}

  async enrol(): Promise<void> {
    const { teamId = null } = this.logged;
    await this.database.$executeRaw`
      INSERT INTO "MlflowRun" ("jobId", "teamId", owner)
      SELECT id, "teamId", owner FROM "Job"
      WHERE state::text <> ALL (${[...FINAL_JOB_STATES]}) AND (${teamId}::uuid IS NULL OR "teamId" = ${teamId}::uuid)
      ON CONFLICT DO NOTHING`;
  }

  async claim({ leaseMs, limit }: { leaseMs: number; limit: number }): Promise<ClaimedRun[]> {
    const leaseToken = randomUUID();
    const rows = await this.database.$queryRaw<DueRow[]>`
      WITH due AS MATERIALIZED (
        SELECT r."jobId", r."leaseToken" IS NOT NULL AS "inDoubt"
        FROM "MlflowRun" r JOIN "Job" j ON j.id = r."jobId"
        WHERE r.state = 'open' AND j."lastSequence" > r.sequence
          AND (r."leaseExpiresAt" IS NULL OR r."leaseExpiresAt" <= now())
        ORDER BY r."updatedAt", r."jobId"
        LIMIT ${limit}::bigint
        FOR UPDATE OF r SKIP LOCKED
      )
      UPDATE "MlflowRun" r
      SET "leaseToken" = ${leaseToken}::uuid, "leaseExpiresAt" = ${until(leaseMs)}
      FROM due WHERE r."jobId" = due."jobId"
      RETURNING r."jobId", r."runId", r.sequence, due."inDoubt"`;
    return rows.map(({ runId, ...row }) => ({ ...row, runId: runId ?? undefined, leaseToken }));
  }

  async news({ jobId, sequence }: ClaimedRun, limit: number): Promise<RunNews> {
    const events = await this.database.jobEvent.findMany({
      where: { jobId, sequence: { gt: sequence } },
      orderBy: { sequence: 'asc' },
      take: limit,
    });
    // Behind the events, so that the job is at least as new as they are.
    const { team, ...job } = await this.database.job.findUniqueOrThrow({
      where: { id: jobId },
      include: { team: { select: { name: true } } },
    });
    return { events: events.map(toStoredEvent), job: toJob(job), team: team.name };
  }

  async save(
    { jobId, leaseToken }: ClaimedRun,
    logged: { runId?: string; sequence?: number },
    leaseMs: number,
  ): Promise<boolean> {
    const { runId = null, sequence = null } = logged;
    const count = await this.database.$executeRaw`
      UPDATE "MlflowRun"
      SET "runId" = coalesce(${runId}, "runId"), sequence = coalesce(${sequence}::int, sequence),
        "leaseExpiresAt" = ${until(leaseMs)}, "updatedAt" = now()
      WHERE "jobId" = ${jobId}::uuid AND "leaseToken" = ${leaseToken}::uuid`;
    return count > 0;
  }

  async noted({ jobId }: ClaimedRun): Promise<string | undefined> {
    const row = await this.database.mlflowRun.findUnique({ where: { jobId }, select: { runId: true } });
    return row?.runId ?? undefined;
  }

  release({ jobId, leaseToken }: ClaimedRun): Promise<void> {
    return inTransaction(this.database, async (tx) => {
      // Nobody takes the job up again meanwhile: a run that is complete is not looked at.
      await tx.$queryRaw`SELECT id FROM "Job" WHERE id = ${jobId}::uuid FOR SHARE`;
      const { state, lastSequence } = await tx.job.findUniqueOrThrow({ where: { id: jobId } });
      const where = { jobId, leaseToken };
      await tx.mlflowRun.updateMany({ where, data: NOBODY });
      if (!FINAL_JOB_STATES.includes(state)) return;
      const done = { jobId, state: 'open', leaseToken: null, sequence: lastSequence } as const;
      await tx.mlflowRun.updateMany({ where: done, data: { state: 'complete' } });
    });
  }

  async abandon(run: ClaimedRun): Promise<void> {
    await this.change(run, { leaseExpiresAt: null });
  }

  async refuse(run: ClaimedRun, error: string): Promise<void> {
    await this.change(run, { ...NOBODY, state: 'refused', error });
  }

  async restart(run: ClaimedRun): Promise<void> {
    await this.change(run, { ...NOBODY, runId: null, sequence: 0 });
  }

  private async change(
    { jobId, leaseToken }: ClaimedRun,
    data: Prisma.MlflowRunUncheckedUpdateManyInput,
  ): Promise<void> {
    await this.database.mlflowRun.updateMany({ where: { jobId, leaseToken }, data });
  }
}

const until = (ms: number): Prisma.Sql => Prisma.sql`now() + ${ms}::int * interval '1 millisecond'`;
