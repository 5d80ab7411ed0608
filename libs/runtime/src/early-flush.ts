import type { FileHandle } from 'node:fs/promises';

/** Enough to keep a disk busy, and little to wait for at the end. */
const FLUSHED_BYTES = 2 ** 24;

/**
 * Has what is written of a file go to the disk while more of it comes, so that whoever flushes all of it at the end waits for the rest
 * alone. A flush that fails has to be told: the kernel may not tell it again.
 */
export class EarlyFlush {
  private flushing: Promise<void> = Promise.resolve();
  private isFlushing = false;
  private flushedAt = 0;

  constructor(private readonly file: Pick<FileHandle, 'datasync'>) {}

  /** @param bytes of the file that are written */
  written(bytes: number): void {
    if (this.isFlushing || bytes - this.flushedAt < FLUSHED_BYTES) return;
    this.flushedAt = bytes;
    this.isFlushing = true;
    // Of one that failed there is no other one.
    this.flushing = this.file.datasync().then(() => void (this.isFlushing = false));
    this.flushing.catch(() => {}); // whoever finishes is told
  }

  /** Waits until nothing is done with the file any more. @throws the error of a flush */
  finish(): Promise<void> {
    return this.flushing;
  }
}
