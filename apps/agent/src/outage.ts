import type { Logger } from '#runtime';

/**
 * What the log says of a server that is away: a line when the first request fails and a line when all are answered again, however
 * often they were tried meanwhile.
 */
export class Outage {
  private readonly failing = new Set<object>();
  private beganMs = 0;
  private hasAnswered = false;

  constructor(private readonly logger: Logger) {}

  /** @param request the same for every try of it */
  failed(request: object, what: string, error: unknown): void {
    const text = `could not ${what}, will try again: ${error instanceof Error ? error.message : String(error)}`;
    if (this.failing.size > 0) {
      this.logger.debug(text);
    } else {
      this.beganMs = performance.now();
      this.hasAnswered = false;
      this.logger.warn(text);
    }
    this.failing.add(request);
  }

  /** A request is over: the server has answered it, or nobody wants the answer any more. */
  over(request: object, isAnswered: boolean): void {
    if (!this.failing.delete(request)) return;
    this.hasAnswered ||= isAnswered;
    if (this.failing.size > 0 || !this.hasAnswered) return;
    const seconds = Math.round((performance.now() - this.beganMs) / 1000);
    this.logger.info({ seconds }, 'the server answers again');
  }
}
