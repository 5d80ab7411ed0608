import type { Job } from '#contracts';
import { jobParameters } from './job-parameters.js';
import { runPortions, type RunPortion } from './run-portions.js';
import type { ClaimedRun, RunNews, RunRepository } from './run-repository.port.js';
import { JOB_TAG, runTags, SEQUENCE_TAG } from './run-tags.js';
import { TrackingError } from './tracking-error.js';
import { BATCH_LIMITS, type TrackingServer } from './tracking-server.port.js';

export interface RunLoggerParts {
  readonly runs: RunRepository;
  readonly server: TrackingServer;
  /** Of all runs; default: that of the job's model. */
  readonly experimentName?: string | undefined;
  /** Milliseconds of a clock that only goes forward. */
  readonly nowMs: () => number;
  /** Told once when the server stops taking what jobs tell. */
  readonly onAway: (error: TrackingError) => void;
  /** Told once when it does so again. */
  readonly onBack: () => void;
  /** Told of jobs of which nothing is logged any more. */
  readonly onRefused: (jobId: string, error: TrackingError) => void;
}

/** Runs that a process logs at once. */
const CONCURRENCY = 8;
const EVENTS_PER_READ = 500;
/** Others take a run whose claimer has said nothing for so long; it does after every request, none of which may take that long. */
const LEASE_MS = 60_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Logs what jobs tell to an MLflow server, one run per job, from what the database keeps of them: jobs and their workers never
 * wait for it. Any number of processes may do so at once. How far a run is logged is stored here and, with what was logged, in a
 * tag of the run: whoever goes on after a crash asks for the tag and repeats nothing.
 */
export class RunLogger {
  private failures = 0;
  private waitsUntilMs = 0;

  constructor(private readonly parts: RunLoggerParts) {}

  /**
   * Logs what there is now, unless the server was away a moment ago.
   * @throws the database's errors, after all runs were tried
   */
  async log(): Promise<void> {
    const { runs, nowMs } = this.parts;
    for (let claimed = CONCURRENCY; claimed === CONCURRENCY && nowMs() >= this.waitsUntilMs;) {
      const some = await runs.claim({ leaseMs: LEASE_MS, limit: CONCURRENCY });
      claimed = some.length;
      const results = await Promise.allSettled(some.map((run) => this.carryOut(run)));
      this.judge(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
  }

  /** @returns what says that the server is away */
  private async carryOut(run: ClaimedRun): Promise<TrackingError | undefined> {
    const { runs, onRefused } = this.parts;
    try {
      await this.logNews(run);
      await runs.release(run);
    } catch (error) {
      if (error instanceof RunTaken) return undefined;
      if (!(error instanceof TrackingError)) throw error;
      if (error.failure === 'away') {
        await runs.abandon(run);
        return error;
      }
      if (error.failure === 'gone') await runs.restart(run);
      else await runs.refuse(run, error.message);
      if (error.failure === 'refused') onRefused(run.jobId, error);
    }
    return undefined;
  }

  private async logNews(claimed: ClaimedRun): Promise<void> {
    let run = claimed.inDoubt ? await this.withoutDoubt(claimed) : claimed;
    for (let read = EVENTS_PER_READ; read === EVENTS_PER_READ;) {
      const news = await this.parts.runs.news(run, EVENTS_PER_READ);
      read = news.events.length;
      for (const portion of runPortions(news.events, news.job)) {
        const runId = run.runId ?? (await this.begin(run, news));
        if (runId !== undefined) await this.logPortion({ run, runId }, portion, news);
        const { sequence } = portion;
        await this.keep(run, { sequence });
        run = { ...run, runId, sequence };
      }
    }
  }

  /** Also notes what the run says of itself: another that takes it up behind this process has no doubt any more. */
  private async withoutDoubt(run: ClaimedRun): Promise<ClaimedRun> {
    if (run.runId === undefined) return run;
    const logged = Number((await this.parts.server.tagOf(run.runId, SEQUENCE_TAG)) ?? 0);
    const sequence = Math.max(logged, run.sequence);
    await this.keep(run, { sequence });
    return { ...run, sequence };
  }

  /** Undefined for a job that has not begun. What is noted has its params. */
  private async begin(run: ClaimedRun, news: RunNews): Promise<string | undefined> {
    const { job } = news;
    const { server, experimentName = job.model } = this.parts;
    if (job.startedAt === undefined) return undefined;
    const experimentId = await asAway(() => this.keeping(run, server.experimentId(experimentName)));
    const runId = await asAway(() => this.foundOrMade(run, experimentId, news));
    for (const params of inChunks(Object.entries(jobParameters(job)), BATCH_LIMITS.params))
      await this.keeping(run, server.logBatch(runId, { params: Object.fromEntries(params) }));
    await this.keep(run, { runId });
    await asAway(async () => {
      const all = await this.keeping(run, server.findRuns(experimentId, tagOf(job)));
      for (const other of all) if (other !== runId) await this.keeping(run, this.disown(other, job));
    });
    return runId;
  }

  /** A run that was made before, and was not noted, is found by its tag. */
  private async foundOrMade(run: ClaimedRun, experimentId: string, { job, team }: RunNews): Promise<string> {
    const { server, runs } = this.parts;
    const [found] = await this.keeping(run, server.findRuns(experimentId, tagOf(job)));
    if (found !== undefined) return found;
    const made = await server.createRun(newRun(job, team, experimentId));
    if (await runs.save(run, {}, LEASE_MS)) return made;
    // This process was asleep, say. Whoever has the job now takes this run, or notes its own and then looks for others.
    const noted = await runs.noted(run);
    if (noted !== undefined && noted !== made) await this.disown(made, job);
    throw new RunTaken();
  }

  /** Ends a run that is one too many for the job. It is not deleted: that is for people, and needs more rights. */
  private async disown(runId: string, job: Job): Promise<void> {
    const { server } = this.parts;
    await server.updateRun(runId, 'KILLED', Date.parse(job.startedAt!));
    await server.logBatch(runId, { tags: { [JOB_TAG]: '' } });
  }

  private async logPortion(
    { run, runId }: { readonly run: ClaimedRun; readonly runId: string },
    portion: RunPortion,
    { job, team }: RunNews,
  ): Promise<void> {
    const { server } = this.parts;
    const { metrics, status, sequence } = portion;
    const tags = { ...runTags(job, team), [SEQUENCE_TAG]: String(sequence) };
    const withTags = BATCH_LIMITS.all - Object.keys(tags).length;
    const before = inChunks(metrics.slice(0, -withTags), BATCH_LIMITS.metrics);
    for (const some of before) await this.keeping(run, server.logBatch(runId, { metrics: some }));
    if (status !== undefined) await this.keeping(run, server.updateRun(runId, status.status, status.endTime));
    await server.logBatch(runId, { metrics: metrics.slice(-withTags), tags });
  }

  /** Holds on to the run once a request is answered. */
  private async keeping<T>(run: ClaimedRun, request: Promise<T>): Promise<T> {
    const answer = await request;
    await this.keep(run);
    return answer;
  }

  /** @throws RunTaken */
  private async keep(run: ClaimedRun, logged: Parameters<RunRepository['save']>[1] = {}): Promise<void> {
    if (!(await this.parts.runs.save(run, logged, LEASE_MS))) throw new RunTaken();
  }

  /** @param outcomes of requests about several runs at the same time */
  private judge(outcomes: readonly (TrackingError | undefined)[]): void {
    const { nowMs, onAway, onBack } = this.parts;
    const error = outcomes.find((outcome) => outcome !== undefined);
    if (error !== undefined) {
      const waitMs = Math.min(FIRST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS);
      this.waitsUntilMs = nowMs() + waitMs;
      if (this.failures++ === 0) onAway(error);
    } else if (outcomes.length > 0 && this.failures > 0) {
      this.failures = 0;
      onBack();
    }
  }
}

/** Another process has the run since, and logs the rest. */
class RunTaken extends Error {}

const tagOf = ({ id }: Job) => ({ key: JOB_TAG, value: id });

function newRun(job: Job, team: string, experimentId: string) {
  const name = `${job.model}-${job.id.slice(0, 8)}`;
  return { experimentId, name, startTime: Date.parse(job.startedAt!), tags: runTags(job, team) };
}

/** What is refused before there is a run, or about another, is no fault of the job: an experiment that was deleted, say, which somebody can restore. */
async function asAway<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TrackingError)) throw error;
    throw new TrackingError('away', error.message, { cause: error });
  }
}

function inChunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
