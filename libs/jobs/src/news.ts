/** Tells one who waits that something happened; what happens while nobody waits is not forgotten. */
export class News {
  private isThere = false;
  private wake: (() => void) | undefined;

  tell(): void {
    this.isThere = true;
    this.wake?.();
  }

  /** What was told so far is known now. */
  read(): void {
    this.isThere = false;
  }

  /** Resolves once something was told since the last `read`, or after `timeoutMs`, if given. */
  wait(timeoutMs?: number): Promise<void> {
    if (this.isThere) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
      this.wake = end;
    });
  }
}
