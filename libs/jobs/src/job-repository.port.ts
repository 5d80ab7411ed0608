import type { Actor, Job, JobEvent, JobState, ListJobs, Page, StoredJobEvent } from '#contracts';
import type { Transition } from './lifecycle/transitions.js';

export interface UntouchedJobs {
  /** Only jobs whose `updatedAt` is older than this. */
  readonly untouchedSince: Date;
  readonly limit: number;
  /** Only jobs whose id sorts behind this one. */
  readonly afterId?: string | undefined;
}

export interface UnfinishedJobs extends UntouchedJobs {
  /** Only jobs in one of these; default: all in which somebody is, or ought to be, at work. */
  readonly states?: readonly JobState[];
  /** Only these jobs. */
  readonly ids?: readonly string[];
}

/** Of a job that waits for a worker: what tells its message, and how often it was begun. */
export type WaitingJob = Pick<Job, 'id' | 'stage' | 'generation' | 'priority' | 'attempt' | 'attemptsBefore'>;

/** Of a job: what tells which measuring task it waits for. */
export type MeasuredJob = Pick<
  Job,
  'id' | 'teamId' | 'owner' | 'state' | 'stage' | 'measuringTaskId' | 'verification'
>;

/** The jobs of all teams, with their events and outbox. */
export interface JobRepository {
  /** Writes the job, its first events (numbered from 1) and its outbox messages in one transaction. Rejects where there is a job with its id. */
  create(first: Transition): Promise<void>;

  /**
   * Locks the job's row, lets `decide` say what changes and writes job, events and outbox messages in that same
   * transaction. Events are numbered on from the job's last one without a gap. Writes nothing when `decide` throws
   * (its error is passed on) or returns the job that it was given. Listeners of JobWakeups are told after the commit.
   * @throws AppError not_found
   */
  update(jobId: string, decide: (job: Job) => Transition): Promise<Transition>;

  /** Without regard to the team: for workers, which got the id from the queue. */
  load(jobId: string): Promise<Job | undefined>;

  find(actor: Actor, jobId: string): Promise<Job | undefined>;

  /** Newest first. */
  list(actor: Actor, query: ListJobs): Promise<Page<Job>>;

  /** Events with a larger sequence number, ascending; none for a job of another team. */
  eventsAfter(actor: Actor, jobId: string, sequence: number, limit: number): Promise<StoredJobEvent[]>;

  /** Events of one type with a larger sequence number, ascending; none for a job of another team. */
  eventsOfType(
    actor: Actor,
    jobId: string,
    type: JobEvent['type'],
    sequence: number,
    limit: number,
  ): Promise<StoredJobEvent[]>;

  /** Jobs of all teams that somebody is, or ought to be, at work on, by ascending id. For the reconciler. */
  unfinished(query: UnfinishedJobs): Promise<Job[]>;

  /** Jobs of all teams, in no order; those that are not there are left out. For the reconciler. */
  measured(ids: readonly string[]): Promise<MeasuredJob[]>;

  /** Jobs of all teams that are queued, by ascending id; there may be very many. For the reconciler. */
  waiting(query: UntouchedJobs): Promise<WaitingJob[]>;
}
