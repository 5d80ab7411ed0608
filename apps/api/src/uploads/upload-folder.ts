import { randomUUID } from 'node:crypto';
import { mkdir, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { Repeater } from '#jobs';
import { removeLeftovers } from '#storage';

const PREFIX = 'api-';
const BEAT_MS = 30_000;
/** Ten beats: a process that is as late as that counts as dead, and so may the clocks of machines that share a folder differ. */
const DEAD_AFTER_MS = 10 * BEAT_MS;

export interface UploadFolderOptions {
  /** Told of what could not be removed. */
  readonly onError: (error: unknown) => void;
  readonly beatMs?: number;
}

/**
 * A folder for what requests bring, of this process alone, in one that several APIs may share, on any number of machines. Its time
 * says that the process lives: each of them touches its own, and removes those that were not touched for long, whose process died.
 * Process ids would not do, since containers that share a volume do not see each other's.
 */
export class UploadFolder {
  private readonly beats: Repeater;

  private constructor(
    readonly path: string,
    private readonly shared: string,
    private readonly onError: (error: unknown) => void,
    intervalMs: number,
  ) {
    this.beats = new Repeater(() => this.beat(), { intervalMs, onError });
  }

  /** Makes it. @param shared is made too if need be */
  static async open(
    shared: string,
    { onError, beatMs = BEAT_MS }: UploadFolderOptions,
  ): Promise<UploadFolder> {
    const folder = new UploadFolder(path.join(shared, PREFIX + randomUUID()), shared, onError, beatMs);
    await folder.beat();
    folder.beats.start();
    return folder;
  }

  /** Removes it with all that is in it. */
  async close(): Promise<void> {
    await this.beats.stop();
    await rm(this.path, { recursive: true, force: true });
  }

  private async beat(): Promise<void> {
    // Another process has removed it where this one was stopped for long.
    await mkdir(this.path, { recursive: true });
    const now = new Date();
    await utimes(this.path, now, now);
    await removeLeftovers(this.shared, (name) => name.startsWith(PREFIX), DEAD_AFTER_MS).catch((error) => {
      if (!(error instanceof AggregateError)) throw error;
      error.errors.forEach(this.onError);
    });
  }
}
