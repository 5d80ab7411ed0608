import type { JobProgress } from '#contracts';
import type { TrainFamilyProgress } from '#pruning';

const INTERVAL_MS = 250;

interface Mark {
  readonly phase: TrainFamilyProgress['phase'];
  readonly step: number;
  readonly atMs: number;
}

/**
 * Passes progress on about four times a second, and whenever a phase begins or ends, with speed and remaining time.
 * @param startFraction of the work that was done before: what is left is told by the speed of this attempt alone
 * @param nowMs a clock that only goes forward
 */
export class ProgressReporter {
  private readonly startedMs: number;
  private last: Mark | undefined;
  private heardMs: number;

  constructor(
    private readonly batchSize: number,
    private readonly send: (progress: JobProgress) => void,
    private readonly startFraction = 0,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.startedMs = this.heardMs = nowMs();
  }

  report(progress: TrainFamilyProgress): void {
    const mark: Mark = { phase: progress.phase, step: progress.step, atMs: this.nowMs() };
    this.heardMs = mark.atMs;
    const samePhase = this.last?.phase === mark.phase;
    const ended = progress.step === progress.steps;
    if (this.last !== undefined && samePhase && !ended && mark.atMs - this.last.atMs < INTERVAL_MS) return;
    const imagesPerSecond = samePhase ? this.speed(mark) : undefined;
    const etaSeconds = this.remaining(mark.atMs, progress.fraction);
    this.last = mark;
    this.send({
      stage: 'train',
      ...progress,
      ...(imagesPerSecond === undefined ? {} : { imagesPerSecond }),
      ...(etaSeconds === undefined ? {} : { etaSeconds }),
    });
  }

  /** What was done since the step that was heard of last, keeping a checkpoint say, counts for the speed of none. */
  skipPause(): void {
    const nowMs = this.nowMs();
    if (this.last) this.last = { ...this.last, atMs: this.last.atMs + nowMs - this.heardMs };
    this.heardMs = nowMs;
  }

  /** Since the last report; only where steps are steps of training. */
  private speed(mark: Mark): number | undefined {
    const { last } = this;
    const trains = mark.phase === 'warm-up' || mark.phase === 'mask' || mark.phase === 'joint';
    if (!trains || last === undefined || mark.atMs <= last.atMs) return undefined;
    return toTenths(((mark.step - last.step) * this.batchSize * 1000) / (mark.atMs - last.atMs));
  }

  private remaining(atMs: number, fraction: number): number | undefined {
    const done = fraction - this.startFraction;
    if (done <= 0) return undefined;
    return toTenths((((atMs - this.startedMs) / 1000) * (1 - fraction)) / done);
  }
}

/** Speeds and times are estimates: more digits would say what nobody knows. */
export const toTenths = (value: number): number => Math.round(value * 10) / 10;
