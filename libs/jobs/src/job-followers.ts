import type { Actor, StoredJobEvent } from '#contracts';
import { followJob, type FollowedJobs } from './follow-job.js';
import type { JobWakeups } from './job-wakeups.port.js';
import { SharedReads } from './shared-reads.js';
import { SharedWakeups } from './shared-wakeups.js';

export interface JobFollowersParts {
  readonly jobs: FollowedJobs;
  readonly wakeups: Pick<JobWakeups, 'onJobEvents'>;
  /** Looks for events at least this often, because wake-ups may get lost. */
  readonly pollMs?: number;
}

/** Followers of jobs, any number of each: what one of them reads all get who are as far, so a job costs the same whoever follows it. */
export class JobFollowers {
  private readonly jobs: FollowedJobs;
  private readonly wakeups: SharedWakeups;

  constructor({ jobs, wakeups, pollMs = 1000 }: JobFollowersParts) {
    this.jobs = sharing(jobs);
    this.wakeups = new SharedWakeups(wakeups, pollMs);
  }

  /** As `followJob`. Events are shared with other followers: they must not be changed. @throws AppError not_found */
  follow(
    actor: Actor,
    jobId: string,
    afterSequence: number,
    signal: AbortSignal,
  ): AsyncGenerator<StoredJobEvent, void, undefined> {
    const { jobs, wakeups } = this;
    return followJob({ jobs, wakeups, actor, jobId, afterSequence, signal, pollMs: NEVER_MS });
  }
}

/** The longest that a timer takes; the wake-ups poll. */
const NEVER_MS = 2 ** 31 - 1;

function sharing(jobs: FollowedJobs): FollowedJobs {
  const reads = new SharedReads();
  return {
    find: (actor, jobId) => reads.read(`${actor.teamId} ${jobId}`, () => jobs.find(actor, jobId)),
    eventsAfter: (actor, jobId, sequence, limit) =>
      reads.read(`${actor.teamId} ${jobId} ${sequence} ${limit}`, () =>
        jobs.eventsAfter(actor, jobId, sequence, limit),
      ),
  };
}
