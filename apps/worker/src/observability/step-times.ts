import type { JobProgress } from '#contracts';
import type { TrainingSteps } from '#telemetry';

interface Steps {
  readonly count: number;
  /** Of each, on the mean. */
  readonly seconds: number;
}

/** How long the steps of a training took, told from its progress: what lies between two reports of one phase. */
export class StepTimes {
  private last: JobProgress | undefined;

  constructor(
    private readonly batchSize: number,
    private readonly engine: Omit<TrainingSteps, 'phase'>,
    private readonly observe: (steps: Steps, labels: TrainingSteps) => void,
  ) {}

  progressed(progress: JobProgress): void {
    const { phase, method, step, imagesPerSecond } = progress;
    const { last } = this;
    this.last = progress;
    if (phase === undefined || imagesPerSecond === undefined) return;
    if (last === undefined || last.phase !== phase || last.method !== method || step <= last.step) return;
    const seconds = this.batchSize / imagesPerSecond;
    this.observe({ count: step - last.step, seconds }, { phase, ...this.engine });
  }
}
