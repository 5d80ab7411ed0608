export interface RepeaterOptions {
  readonly intervalMs: number;
  /** The task goes on being repeated after an error. */
  readonly onError: (error: unknown) => void;
}

/** Runs a task again and again, never twice at once: after each interval and, at once, after a kick. */
export class Repeater {
  private state: 'idle' | 'waiting' | 'running' | 'stopped' = 'idle';
  private kicked = false;
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();

  constructor(
    private readonly task: () => Promise<void>,
    private readonly options: RepeaterOptions,
  ) {}

  /** The first run starts at once. */
  start(): void {
    if (this.state === 'idle') this.run();
  }

  /** Runs the task now, or once more when it is running. */
  kick(): void {
    if (this.state === 'running') this.kicked = true;
    else if (this.state === 'waiting') this.run();
  }

  /** Resolves when the run that is under way has ended; there is none after it. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    clearTimeout(this.timer);
    await this.current;
  }

  private run(): void {
    clearTimeout(this.timer);
    this.state = 'running';
    this.kicked = false;
    this.current = this.task()
      .catch(this.options.onError)
      .then(() => this.afterRun());
  }

  private afterRun(): void {
    if (this.state === 'stopped') return;
    if (this.kicked) return this.run();
    this.state = 'waiting';
    this.timer = setTimeout(() => this.run(), this.options.intervalMs);
  }
}
