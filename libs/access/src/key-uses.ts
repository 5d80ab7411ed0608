import type { ApiKey } from '#contracts';
import type { ApiKeyRepository } from './api-key-repository.port.js';

const EVERY_MS = 60_000;

/** Writes when keys are used: each once a minute at most, and while the request goes on. */
export class KeyUses {
  private readonly noted = new Map<string, number>();
  private readonly writing = new Set<Promise<void>>();

  /** @param onError told of a use that could not be written */
  constructor(
    private readonly keys: Pick<ApiKeyRepository, 'noteUse'>,
    private readonly onError: (error: unknown) => void,
  ) {}

  note({ id, lastUsedAt }: ApiKey, now: Date): void {
    const known = Math.max(this.noted.get(id) ?? 0, lastUsedAt === undefined ? 0 : Date.parse(lastUsedAt));
    if (now.getTime() - known < EVERY_MS) return;
    this.noted.set(id, now.getTime());
    const write = this.keys.noteUse(id, now).catch(this.onError);
    this.writing.add(write);
    void write.finally(() => this.writing.delete(write));
  }

  /** Resolves when nothing is on its way to the database any more. */
  async settled(): Promise<void> {
    await Promise.all(this.writing);
  }
}
