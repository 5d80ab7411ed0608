import {
  notFound,
  type Actor,
  type DrainMode,
  type ListWorkers,
  type Page,
  type TeamLimits,
  type Worker,
  type WorkerRecord,
  type WorkerState,
  type WorkerWithJobs,
} from '#contracts';
import type { Cluster } from './cluster.port.js';
import type { WorkerRepository } from './worker-repository.port.js';
import { activated, askedToDrain, stateOf, workerOf } from './worker-state.js';

export interface WorkerServiceParts {
  readonly workers: WorkerRepository;
  readonly cluster: Pick<Cluster, 'limitsOf' | 'limit'>;
}

/** What users see of workers and ask of them. */
export class WorkerService {
  constructor(private readonly parts: WorkerServiceParts) {}

  async list(actor: Actor, query: ListWorkers): Promise<Page<Worker>> {
    const { items, ...rest } = await this.parts.workers.list(actor, query);
    return { ...rest, items: items.map(workerOf) };
  }

  /** @throws AppError not_found */
  async get(actor: Actor, workerId: string): Promise<WorkerWithJobs> {
    const record = await this.find(actor, workerId);
    return { ...workerOf(record), jobs: await this.parts.workers.heldJobs(actor, record.jobIds) };
  }

  /** Has a worker take no more jobs, and lets it finish or hand back those that it has. @throws AppError not_found */
  drain(actor: Actor, workerId: string, mode: DrainMode): Promise<Worker> {
    return this.change(actor, workerId, (worker) => askedToDrain(worker, mode));
  }

  /** Has a worker that drains, or has, take jobs again. @throws AppError not_found */
  activate(actor: Actor, workerId: string): Promise<Worker> {
    return this.change(actor, workerId, activated);
  }

  /** Of every worker that is known, of whatever team: for metrics. */
  async states(): Promise<{ worker: string; state: WorkerState }[]> {
    const workers = await this.parts.workers.all();
    return workers.map((worker) => ({ worker: worker.name, state: stateOf(worker) }));
  }

  limitsOf({ teamId }: Actor): Promise<TeamLimits> {
    return this.parts.cluster.limitsOf(teamId);
  }

  /** Trainings that run go on; others begin once there are fewer than the limit. */
  limit({ teamId }: Actor, limits: TeamLimits): Promise<TeamLimits> {
    return this.parts.cluster.limit(teamId, limits);
  }

  private async change(
    actor: Actor,
    workerId: string,
    decide: (worker: WorkerRecord) => WorkerRecord,
  ): Promise<Worker> {
    await this.find(actor, workerId);
    const changed = await this.parts.workers.update(workerId, decide);
    if (changed === undefined) throw notFound('worker', workerId);
    return workerOf(changed);
  }

  private async find(actor: Actor, workerId: string): Promise<WorkerRecord> {
    const record = await this.parts.workers.find(actor, workerId);
    if (record === undefined) throw notFound('worker', workerId);
    return record;
  }
}
