import type { FileHandle } from 'node:fs/promises';
import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '#contracts';
import { EarlyFlush } from '#runtime';
import type { IntakeContent, IntakeDigest, WholeFile } from './intake-messages.js';
import { PieceThread } from './piece-thread.js';
import { bytesOf, PieceWindow } from './piece-window.js';

/**
 * Reads files that are to be bundles as they come: a few pieces are in memory, never all of a file. Two threads do it, since each of
 * them has to hash all of it: hashing 100 MB twice takes a fifth of a second, which an API must not stand still for.
 */
export class BundleIntake {
  private readonly digests: PieceThread<IntakeDigest>;
  private readonly bundles: PieceThread<IntakeContent>;
  private begun = 0;

  /** @param execArgv options of Node for the threads; default: those of this process */
  constructor(execArgv?: readonly string[]) {
    this.digests = new PieceThread({
      ...{ program: 'digest-thread.process', execArgv },
      purpose: 'the thread that takes digests',
    });
    this.bundles = new PieceThread({
      ...{ program: 'bundle-thread.process', execArgv },
      purpose: 'the thread that reads bundles',
    });
  }

  /**
   * Reads content to its end, whose chunks are gone from here then.
   * @param file gets all of it
   * @throws AppError payload_too_large for more than `maxBytes`, unavailable for a full disk, internal where a thread fails; the error of content
   */
  async read(content: Readable, maxBytes: number, file?: FileHandle): Promise<WholeFile> {
    const intake = ++this.begun;
    const releases = [this.digests.hold(), this.bundles.hold()];
    const flush = file && new EarlyFlush(file);
    const window = new PieceWindow(async (piece) => {
      const chunks = await this.digests.add(intake, piece, file?.fd);
      flush?.written(piece.at + bytesOf(chunks));
      await this.bundles.add(intake, { ...piece, chunks });
    });
    try {
      await pipeline(content, sinkOf(window, maxBytes));
      await window.finish();
      await flush?.finish();
      const { bytes } = window;
      const [digest, read] = await Promise.all([
        this.digests.finish(intake, bytes),
        this.bundles.finish(intake, bytes),
      ]);
      return { ...digest, content: read };
    } catch (error) {
      await window.settled();
      await Promise.allSettled([this.digests.forget(intake), this.bundles.forget(intake)]);
      throw error;
    } finally {
      await flush?.finish().catch(() => {});
      for (const release of releases) release();
    }
  }

  /** Ends the threads; whoever waits for them gets an error. */
  async close(): Promise<void> {
    await Promise.all([this.digests.close(), this.bundles.close()]);
  }
}

function sinkOf(window: PieceWindow, maxBytes: number): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      if (window.bytes + chunk.length > maxBytes) return done(tooLong(maxBytes));
      const waiting = window.add(chunk);
      if (waiting === undefined) done();
      else waiting.then(() => done(), done);
    },
  });
}

function tooLong(maxBytes: number): AppError {
  const expected = `at most ${maxBytes} bytes`;
  return new AppError('payload_too_large', `the body is too large: expected ${expected}`, {
    fields: [{ field: 'body', expected }],
  });
}
