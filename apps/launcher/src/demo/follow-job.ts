import { setTimeout as delay } from 'node:timers/promises';
import {
  FINAL_JOB_STATES,
  type Job,
  type JobEvent,
  type JobLog,
  type JobProgress,
  type JobStage,
  type TrainingAccuracies,
} from '#contracts';
import { percent } from '#pages';
import type { Progress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';
import type { ApiClient } from './api-client.js';
import { awaitMeasuring } from './await-measuring.js';
import { DemoFailedError } from './demo-failed-error.js';
import { jobEvents } from './job-events.js';
import type { Timeline } from './timeline.js';

type StateEvent = Extract<JobEvent, { type: 'state' }>;

const POLL_MS = 300;
const STEPS: Record<JobStage, string> = {
  measure: 'measure proxy networks',
  calibrate: 'calibrate',
  train: 'train all ratios together',
  verify: 'measure the trained networks',
  adjust: 'move ratios where the target is missed',
  publish: 'publish',
  derive: 'derive ratios without training',
};

/** Shows a job's life on the terminal, from its event stream alone but for the measuring in between. */
export class JobDisplay {
  #bar: { phase: string; progress: Progress } | undefined;
  #stage: JobStage | undefined;
  #attempt: number | undefined;
  #verifying: AbortController | undefined;

  constructor(
    private readonly client: ApiClient,
    private readonly terminal: Terminal,
    private readonly timeline: Timeline,
  ) {}

  /** @throws DemoFailedError when the job failed. */
  async follow(jobId: string): Promise<Job> {
    for await (const event of jobEvents(this.client.baseUrl, jobId, this.client.authorization))
      this.#show(jobId, event);
    this.#interrupt(); // whatever had succeeded ended its bar before
    const job = await this.client.getJob(jobId);
    if (job.state !== 'succeeded') {
      const { code, message, fault } = job.error ?? {
        code: 'unknown',
        message: 'no reason given',
        fault: 'infrastructure',
      };
      throw new DemoFailedError(
        `the job failed while it was to ${STEPS[job.stage]}: ${message} (${code}, fault: ${fault})`,
      );
    }
    return job;
  }

  #show(jobId: string, event: JobEvent): void {
    switch (event.type) {
      case 'state':
        this.#showState(jobId, event);
        return;
      case 'progress':
        if (event.progress.stage === 'train') this.#showTraining(event.progress);
        return;
      case 'resumed':
        this.terminal.say(`  attempt ${event.attempt} ${describeResumed(event.progress)}`);
        if (event.progress.stage === 'train') this.#showTraining(event.progress);
        return;
      case 'log':
        this.#say(event);
        return;
      case 'accuracy':
        this.#completeBar();
        this.terminal.say(`  accuracy at ratio ${event.ratio}: ${percent(event.accuracy)}`);
        return;
      case 'waiting':
        this.terminal.say(`  waits: ${event.reason}`);
        return;
      case 'metrics':
        if (event.evaluation) this.terminal.say(`  ${describeAccuracies(event.series, event.evaluation)}`);
        return;
      case 'checkpoint':
      case 'priority':
        return; // progress has what matters of them here
    }
  }

  #say({ level, message }: JobLog): void {
    if (level === 'warn') this.terminal.warn(message);
    else this.terminal.say(`  ${message}`);
  }

  #showState(jobId: string, { attempt, stage, state, error }: StateEvent): void {
    const failed = error !== undefined || (FINAL_JOB_STATES.includes(state) && state !== 'succeeded');
    const again = attempt !== this.#attempt && stage === this.#stage;
    if (failed || again) this.#interrupt();
    if (error) this.terminal.warn(`attempt ${attempt}: ${error.message} (${error.code})`);
    this.#attempt = attempt;
    this.#enter(jobId, stage);
    if (state === 'succeeded') this.#completeBar();
  }

  #enter(jobId: string, stage: JobStage): void {
    if (stage === this.#stage) return;
    this.#stage = stage;
    this.#verifying?.abort();
    this.#completeBar();
    this.timeline.begin(STEPS[stage]);
    if (stage !== 'verify') return;
    this.#verifying = new AbortController();
    const { signal } = this.#verifying;
    this.#showVerifying(jobId, signal).catch((error: Error) => {
      // The job goes on without this display, and whether it fails is for its own events to say.
      if (!signal.aborted) this.terminal.warn(`the progress of measuring cannot be shown: ${error.message}`);
    });
  }

  #showTraining(progress: JobProgress): void {
    const phase = progress.phase ?? 'train';
    if (this.#bar?.phase !== phase) {
      this.#completeBar();
      this.#bar = { phase, progress: this.terminal.progress(phase) };
    }
    this.#bar.progress.update(progress.step / progress.steps, describeTraining(progress));
  }

  async #showVerifying(jobId: string, signal: AbortSignal): Promise<void> {
    const progress = this.terminal.progress('measure trained networks');
    this.#bar = { phase: 'verify', progress };
    for (;;) {
      const { measuringTaskId } = await this.client.getJob(jobId);
      if (signal.aborted) return;
      if (measuringTaskId !== undefined) {
        await awaitMeasuring(this.client, measuringTaskId, progress, signal);
        return;
      }
      await delay(POLL_MS);
    }
  }

  #completeBar(): void {
    this.#bar?.progress.finish();
    this.#bar = undefined;
  }

  /** Leaves the bar where it stands. */
  #interrupt(): void {
    this.#verifying?.abort();
    this.#bar?.progress.stop();
    this.#bar = undefined;
  }
}

const describeResumed = ({ phase, epoch, epochs, step, steps }: JobProgress): string =>
  `resumed from epoch ${epoch ?? 1} of ${epochs ?? 1}, step ${step} of ${steps} (${phase ?? 'train'})`;

function describeAccuracies(series: string, { epoch, images, ratios }: TrainingAccuracies): string {
  const each = ratios.map(({ ratio, accuracy }) => `${percent(accuracy)} at ratio ${ratio}`);
  return `accuracy after epoch ${epoch} (${series}, ${images} images): ${each.join(', ')}`;
}

function describeTraining({ epoch, epochs, loss, imagesPerSecond, etaSeconds }: JobProgress): string {
  const parts = [
    epoch !== undefined && epochs !== undefined && epochs > 1 && `epoch ${epoch}/${epochs}`,
    loss !== undefined && `loss ${loss.toFixed(3)}`,
    imagesPerSecond !== undefined && `${Math.round(imagesPerSecond)} images/s`,
    etaSeconds !== undefined && `training done in ${Math.ceil(etaSeconds)} s`,
  ];
  return parts.filter(Boolean).join(', ');
}
