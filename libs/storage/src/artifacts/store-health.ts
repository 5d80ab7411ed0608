import { AppError } from '#contracts';
import { within } from '#runtime';

/** A disk under load takes seconds; whoever asks for readiness usually waits for five. */
const TIMEOUT_MS = 4_000;

/**
 * A check of a store that may hang. Who asks while one runs waits for that one, so that a disk that has gone away
 * occupies one thread of the process and not all of them.
 */
export class StoreHealth {
  private running: Promise<void> | undefined;

  constructor(private readonly check: () => Promise<void>) {}

  /** @throws AppError unavailable after four seconds, or what the check threw */
  run(): Promise<void> {
    this.running ??= this.check().finally(() => (this.running = undefined));
    return within(
      TIMEOUT_MS,
      'the artifact store',
      this.running,
      (message) => new AppError('unavailable', message),
    );
  }
}
