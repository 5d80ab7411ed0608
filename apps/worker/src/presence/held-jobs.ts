/** The jobs that this worker trains. */
export class HeldJobs {
  private readonly jobs = new Set<string>();
  private listener = (): void => {};

  /** Sorted. */
  get ids(): string[] {
    return [...this.jobs].sort();
  }

  add(jobId: string): void {
    this.jobs.add(jobId);
    this.listener();
  }

  remove(jobId: string): void {
    if (this.jobs.delete(jobId)) this.listener();
  }

  /** Calls `listener` after every change. */
  onChange(listener: () => void): void {
    this.listener = listener;
  }
}
