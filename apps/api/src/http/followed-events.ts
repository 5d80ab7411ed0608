import type { Actor, StoredJobEvent, StoredSweepEvent } from '#contracts';
import {
  followJob,
  followSweep,
  SharedWakeups,
  type FollowJob,
  type FollowSweep,
  type JobWakeups,
  type SweepWakeups,
} from '#jobs';

/** Looks for events at least this often, because wake-ups may get lost; for all clients of a job, or a sweep, at once. */
const POLL_MS = 1000;

interface FollowedEventsParts {
  readonly jobs: FollowJob['jobs'];
  readonly sweeps: FollowSweep['sweeps'];
  readonly wakeups: Pick<JobWakeups, 'onJobEvents'> & SweepWakeups;
}

/** The events of jobs and sweeps, for many clients at once: behind the last that a client has seen, gapless, until there are no more. */
export class FollowedEvents {
  private readonly jobWakeups: SharedWakeups;
  private readonly sweepWakeups: SharedWakeups;

  constructor(private readonly parts: FollowedEventsParts) {
    const { wakeups } = parts;
    this.jobWakeups = new SharedWakeups((id, listener) => wakeups.onJobEvents(id, listener), POLL_MS);
    this.sweepWakeups = new SharedWakeups((id, listener) => wakeups.onSweepEvents(id, listener), POLL_MS);
  }

  ofJob(
    actor: Actor,
    jobId: string,
    afterSequence: number,
    signal: AbortSignal,
  ): AsyncGenerator<StoredJobEvent> {
    const wakeups = { onJobEvents: this.jobWakeups.on };
    return followJob({ jobs: this.parts.jobs, wakeups, actor, jobId, afterSequence, signal });
  }

  ofSweep(
    actor: Actor,
    sweepId: string,
    afterSequence: number,
    signal: AbortSignal,
  ): AsyncGenerator<StoredSweepEvent> {
    const wakeups = { onSweepEvents: this.sweepWakeups.on };
    return followSweep({ sweeps: this.parts.sweeps, wakeups, actor, sweepId, afterSequence, signal });
  }
}
