import type { BegunStage } from '#jobs';

/** The trainings of this worker. A job whose lock was lost may be here twice: an attempt that is about to stop, and the next one. */
export class HeldJobs {
  private readonly stages = new Set<BegunStage>();
  private listener = (): void => {};

  /** Of the job of each training, sorted. */
  get ids(): string[] {
    return [...this.stages].map(({ job }) => job.id).sort();
  }

  add(stage: BegunStage): void {
    this.stages.add(stage);
    this.listener();
  }

  remove(stage: BegunStage): void {
    if (this.stages.delete(stage)) this.listener();
  }

  /** Calls `listener` after every change. */
  onChange(listener: () => void): void {
    this.listener = listener;
  }
}
