import type { Job } from '#contracts';
import type { BegunStage, JobRepository, JobWakeups } from '#jobs';

export interface AttemptControlParts {
  readonly jobs: Pick<JobRepository, 'load'>;
  readonly wakeups: JobWakeups;
  readonly onError: (error: unknown) => void;
  /** Looks at the job at least this often, because wake-ups may get lost. */
  readonly pollMs?: number;
  /** How long a worker that goes waits for a checkpoint. */
  readonly drainMs: number;
}

/** Why an attempt ends before its work is done. */
export class AttemptEnded extends Error {
  override readonly name = 'AttemptEnded';
  constructor(readonly why: 'cancelled' | 'superseded' | 'drained') {
    super(`the attempt was ${why}`);
  }
}

/** Watches a job for its attempt: whether a user wants it to stop, whether another attempt has it, whether the worker goes. */
export class AttemptControl {
  private readonly stopping = new AbortController();
  private readonly killing = new AbortController();
  private readonly unsubscribe: () => void;
  private readonly timer: NodeJS.Timeout;
  private drain: NodeJS.Timeout | undefined;

  /** @param leaving aborts when the worker goes */
  constructor(
    private readonly stage: BegunStage,
    private readonly leaving: AbortSignal,
    private readonly parts: AttemptControlParts,
  ) {
    const { wakeups, pollMs = 2000 } = parts;
    this.unsubscribe = wakeups.onJobEvents(stage.job.id, this.look);
    this.timer = setInterval(this.look, pollMs);
    leaving.addEventListener('abort', this.leave);
    if (leaving.aborted) this.leave();
  }

  /** Asks for a checkpoint and the end. */
  get stop(): AbortSignal {
    return this.stopping.signal;
  }

  /** Ends the work at once, for an AttemptEnded. */
  get kill(): AbortSignal {
    return this.killing.signal;
  }

  readonly superseded = (): void => this.killing.abort(new AttemptEnded('superseded'));

  /** Looks at the job as somebody has just read it. */
  readonly see = (job: Job): void => {
    if (job.attempt !== this.stage.attempt || job.stage !== this.stage.job.stage) this.superseded();
    else if (job.state === 'cancelling') this.killing.abort(new AttemptEnded('cancelled'));
    else if (job.state === 'pausing') this.stopping.abort();
    else if (job.state !== 'running') this.superseded();
  };

  close(): void {
    this.unsubscribe();
    clearInterval(this.timer);
    clearTimeout(this.drain);
    this.leaving.removeEventListener('abort', this.leave);
  }

  private readonly look = (): void => {
    const { jobs, onError } = this.parts;
    jobs.load(this.stage.job.id).then((job) => job && this.see(job), onError);
  };

  private readonly leave = (): void => {
    this.stopping.abort();
    const kill = () => this.killing.abort(new AttemptEnded('drained'));
    this.drain = setTimeout(kill, this.parts.drainMs);
  };
}
