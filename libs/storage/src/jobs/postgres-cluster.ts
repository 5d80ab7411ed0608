import { notFound, type Job, type TeamLimits, type WorkerRecord } from '#contracts';
import {
  AT_WORK,
  TRAINING_STAGES,
  type ClaimContext,
  type Cluster,
  type TeamLoad,
  type Transition,
} from '#jobs';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { notify } from '../database/notify.js';
import type { Prisma } from '../generated/client.js';
import type { PostgresJobRepository } from './job.repository.js';
import { toJob } from './job.rows.js';
import { alive, databaseNow, toWorker } from './worker.rows.js';

/** Jobs that a worker trains. */
const TRAINED: Prisma.JobWhereInput = {
  state: { in: [...AT_WORK] },
  stage: { in: [...TRAINING_STAGES] },
};

/** Workers, jobs and teams in PostgreSQL. */
export class PostgresCluster implements Cluster {
  constructor(
    private readonly database: Database,
    private readonly jobs: PostgresJobRepository,
  ) {}

  claim(
    jobId: string,
    workerId: string,
    decide: (job: Job, context: ClaimContext) => Transition,
  ): Promise<Transition> {
    return this.jobs.update(jobId, async (job, tx) => {
      const team = await lockedTeam(tx, job);
      const now = await databaseNow(tx);
      const worker = await tx.worker.findUnique({ where: { id: workerId } });
      const context = { team, alive: await aliveWorkers(tx, now) };
      return decide(job, { ...context, worker: worker === null ? undefined : toWorker(worker, now) });
    });
  }

  async queued(limit: number): Promise<Job[]> {
    const rows = await this.database.job.findMany({
      where: { state: 'queued' },
      orderBy: [{ priority: 'desc' }, { createdAt: 'asc' }, { id: 'asc' }],
      take: limit,
    });
    return rows.map(toJob);
  }

  async alive(): Promise<WorkerRecord[]> {
    return aliveWorkers(this.database, await databaseNow(this.database));
  }

  async teamLoads(): Promise<Map<string, TeamLoad>> {
    const limited = await this.database.team.findMany({ where: { maxRunningJobs: { not: null } } });
    const running = await this.database.job.groupBy({ by: ['teamId'], where: TRAINED, _count: true });
    const loads = new Map<string, TeamLoad>();
    for (const { teamId, _count } of running) loads.set(teamId, { running: _count });
    for (const { id, maxRunningJobs } of limited)
      loads.set(id, loadOf(maxRunningJobs, loads.get(id)?.running ?? 0));
    return loads;
  }

  async limitsOf(teamId: string): Promise<TeamLimits> {
    const team = await this.database.team.findUnique({ where: { id: teamId } });
    if (team === null) throw notFound('team', teamId);
    return { maxRunningJobs: team.maxRunningJobs };
  }

  async limit(teamId: string, { maxRunningJobs }: TeamLimits): Promise<TeamLimits> {
    return inTransaction(this.database, async (tx) => {
      const { count } = await tx.team.updateMany({ where: { id: teamId }, data: { maxRunningJobs } });
      if (count === 0) throw notFound('team', teamId);
      await notify(tx, 'workers', '');
      return { maxRunningJobs };
    });
  }
}

async function aliveWorkers(database: Database | Transaction, now: Date): Promise<WorkerRecord[]> {
  const rows = await database.worker.findMany({ where: alive(now), orderBy: { createdAt: 'asc' } });
  return rows.map((row) => toWorker(row, now));
}

/** Whoever claims another job of the team waits until this transaction ends. Writers of other tables do not. */
async function lockedTeam(tx: Transaction, { id, teamId }: Job): Promise<TeamLoad> {
  const [team] = await tx.$queryRaw<{ maxRunningJobs: number | null }[]>`
    SELECT "maxRunningJobs" FROM "Team" WHERE id = ${teamId}::uuid FOR NO KEY UPDATE`;
  const running = await tx.job.count({ where: { ...TRAINED, teamId, id: { not: id } } });
  return loadOf(team?.maxRunningJobs ?? null, running);
}

const loadOf = (maxRunningJobs: number | null, running: number): TeamLoad => ({
  ...(maxRunningJobs !== null && { maxRunningJobs }),
  running,
});
