import {
  AppError,
  newAudit,
  notFound,
  sweepMembers,
  type Actor,
  type CreateSweep,
  type Job,
  type ListSweeps,
  type Page,
  type Sweep,
  type SweepComparison,
  type SweepHeader,
} from '#contracts';
import type { JobService } from '../job-service.js';
import type { SweepCommand, UserCommand } from '../lifecycle/job-input.js';
import { isFinal } from '../lifecycle/job-states.js';
import { submission } from '../lifecycle/transition.js';
import { prepareMembers, type PrepareJob } from './prepare-members.js';
import { gathered, toldOfJob } from './sweep-changes.js';
import type { SweepRecord, SweptJob } from './sweep-record.js';
import type { SweepRepository, SweepWithJobs } from './sweep-repository.port.js';
import { releasable } from './sweep-states.js';
import { shownHeader, shownSweep } from './shown-sweep.js';

export interface SweepServiceParts {
  readonly sweeps: SweepRepository;
  readonly jobs: JobService;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** What users and workers do to sweeps. */
export class SweepService {
  constructor(private readonly parts: SweepServiceParts) {}

  /**
   * Stores a sweep with all of its jobs and the message that sends them out, or nothing.
   * @throws AppError with the faults of all jobs, by their places in the sweep; Error where there is a sweep with the id
   */
  async submit(
    actor: Actor,
    spec: CreateSweep,
    prepare: PrepareJob,
    id = this.parts.newId(),
  ): Promise<Sweep> {
    const { sweeps, now, newId } = this.parts;
    const members = sweepMembers(spec.axes);
    const audit = newAudit(actor, id, now());
    const prepared = await prepareMembers(spec, members, prepare);
    const jobs = prepared.map((job, index) => {
      const isHeld = spec.maxParallel !== undefined && index >= spec.maxParallel;
      const own: Job = { ...job, ...newAudit(actor, newId(), now()), sweepId: audit.id };
      return submission(isHeld ? { ...own, state: 'paused', held: true } : own);
    });
    const sweep: SweepRecord = {
      ...{ ...audit, name: spec.name, spec, state: 'running' },
      members: members.map(({ values }, index) => ({ jobId: jobs[index]!.job.id, values })),
    };
    const events = jobs.flatMap((first) => toldOfJob(first.job, first.events));
    await sweeps.create({ sweep, jobs, events });
    return shownSweep({ sweep, jobs: jobs.map(({ job }) => job) });
  }

  /** @throws AppError not_found */
  async get(actor: Actor, sweepId: string): Promise<Sweep> {
    return shownSweep(await this.find(actor, sweepId));
  }

  async list(actor: Actor, query: ListSweeps): Promise<Page<SweepHeader>> {
    const { items, ...page } = await this.parts.sweeps.list(actor, query);
    return { ...page, items: items.map(({ sweep, counts }) => shownHeader(sweep, counts)) };
  }

  /** @throws AppError not_found, also where not all jobs have ended */
  async comparison(actor: Actor, sweepId: string): Promise<{ sweep: Sweep; comparison: SweepComparison }> {
    const found = await this.find(actor, sweepId);
    const { comparison } = found.sweep;
    if (comparison !== undefined) return { sweep: shownSweep(found), comparison };
    const open = found.jobs.filter((job) => !isFinal(job)).length;
    const why = open === 0 ? 'its jobs have ended just now' : `jobs that have not ended: ${open}`;
    throw new AppError('not_found', `there is no comparison of sweep "${sweepId}" yet: ${why}`);
  }

  /** @throws AppError not_found or job_state_conflict */
  cancel(actor: Actor, sweepId: string): Promise<Sweep> {
    return this.command(actor, sweepId, 'cancelled', () => ({ type: 'cancel' }));
  }

  /** @throws AppError not_found or job_state_conflict */
  pause(actor: Actor, sweepId: string): Promise<Sweep> {
    return this.command(actor, sweepId, 'paused', () => ({ type: 'pause' }));
  }

  /** Has its paused jobs go on, so many at once as it allows. @throws AppError not_found or job_state_conflict */
  resume(actor: Actor, sweepId: string): Promise<Sweep> {
    return this.command(actor, sweepId, 'resumed', (job, { spec }) => {
      if (job.state !== 'paused' || spec.maxParallel === undefined) return { type: 'resume' };
      return { type: 'hold' };
    });
  }

  /**
   * Takes its failed jobs up again; of a sweep that was cancelled, the cancelled ones.
   * @throws AppError not_found or job_state_conflict
   */
  retry(actor: Actor, sweepId: string): Promise<Sweep> {
    return this.command(actor, sweepId, 'retried', (job, { spec, state }) => {
      if (job.state !== (state === 'cancelled' ? 'cancelled' : 'failed')) return undefined;
      return { type: spec.maxParallel === undefined ? 'retry' : 'hold' };
    });
  }

  /** @throws AppError not_found or job_state_conflict */
  prioritise(actor: Actor, sweepId: string, priority: number): Promise<Sweep> {
    return this.command(actor, sweepId, 'given another priority', () => ({ type: 'prioritise', priority }));
  }

  /** Releases jobs that may go on, and ends the sweep where all have ended. Doing it again does no harm. */
  async look(sweepId: string): Promise<void> {
    const { sweeps, jobs, now } = this.parts;
    const found = await sweeps.load(sweepId);
    if (found === undefined) return;
    for (const job of releasable(found.jobs, found.sweep.spec.maxParallel))
      await jobs.command(found.sweep, job.id, { type: 'release' });
    if (found.jobs.every(isFinal)) await sweeps.update(sweepId, (sweep, all) => gathered(sweep, all, now()));
  }

  private async find(actor: Actor, sweepId: string): Promise<SweepWithJobs> {
    const found = await this.parts.sweeps.find(actor, sweepId);
    if (found === undefined) throw notFound('sweep', sweepId);
    return found;
  }

  /** Says it to every job that allows it. Those that are held come first: none of them is to begin because another one stops. */
  private async command(
    actor: Actor,
    sweepId: string,
    what: string,
    commandFor: (job: SweptJob, sweep: SweepRecord) => UserCommand | SweepCommand | undefined,
  ): Promise<Sweep> {
    const { sweep, jobs } = await this.find(actor, sweepId);
    const heldFirst = [...jobs.filter((job) => job.held), ...jobs.filter((job) => !job.held)];
    let allowed = 0;
    for (const job of heldFirst) {
      const command = commandFor(job, sweep);
      if (command && (await this.isAllowed(actor, job.id, command))) allowed += 1;
    }
    if (allowed === 0) throw conflict(sweep, what);
    await this.look(sweepId);
    return this.get(actor, sweepId);
  }

  private async isAllowed(
    actor: Actor,
    jobId: string,
    command: UserCommand | SweepCommand,
  ): Promise<boolean> {
    try {
      await this.parts.jobs.command(actor, jobId, command);
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'job_state_conflict') return false;
      throw error;
    }
  }
}

function conflict({ id, state }: SweepRecord, what: string): AppError {
  const detail = `sweep "${id}" is ${state}: it has no job that can be ${what}`;
  return new AppError('job_state_conflict', detail);
}
