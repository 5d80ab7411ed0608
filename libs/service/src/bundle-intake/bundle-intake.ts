import type { FileHandle } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '#contracts';
import { EarlyFlush } from '#runtime';
import { OnDemandThread } from '../threads/on-demand-thread.js';

import type { IntakeReply, IntakeRequest, WholeFile } from './intake-messages.js';
import { PieceWindow } from './piece-window.js';

/** Beside this file and of its kind: JavaScript in a build, TypeScript where tests run the sources. */
const ENTRY = join(import.meta.dirname, `intake-thread.process${extname(import.meta.filename)}`);

/** Reads files that are to be bundles in a thread of its own, as they come: a few pieces are in memory, never all of a file. */
export class BundleIntake {
  private readonly thread: OnDemandThread<IntakeRequest, IntakeReply>;
  private begun = 0;

  /** @param execArgv options of Node for the thread; default: those of this process */
  constructor(execArgv?: readonly string[]) {
    this.thread = new OnDemandThread({ entry: ENTRY, purpose: 'the thread that reads bundles', execArgv });
  }

  /**
   * Reads content to its end, whose chunks are gone from here then.
   * @param file gets all of it
   * @throws AppError payload_too_large for more than `maxBytes`; internal where the thread fails; the error of content or file
   */
  async read(content: Readable, maxBytes: number, file?: FileHandle): Promise<WholeFile> {
    const intake = ++this.begun;
    const release = this.thread.hold();
    const flush = file && new EarlyFlush(file);
    const window = new PieceWindow(async (piece) => {
      const chunks = piece.chunks.map(({ buffer }) => buffer);
      await this.ask({ intake, kind: 'piece', ...piece, file: file?.fd }, chunks);
      flush?.written(piece.at);
    });
    try {
      await pipeline(content, sinkOf(window, maxBytes));
      await window.finish();
      await flush?.finish();
      const reply = await this.ask({ intake, kind: 'end' });
      if (reply.kind === 'whole') return reply.whole;
      throw new AppError('internal', `the thread that reads bundles answered "${reply.kind}" to the end`);
    } catch (error) {
      await window.settled();
      // A thread that has ended has forgotten it.
      if (this.thread.isRunning) await this.ask({ intake, kind: 'forget' }).catch(() => {});
      throw error;
    } finally {
      await flush?.finish().catch(() => {});
      release();
    }
  }

  /** Ends the thread; whoever waits for it gets an error. */
  close(): Promise<void> {
    return this.thread.close();
  }

  private async ask(request: IntakeRequest, transfer: ArrayBuffer[] = []): Promise<IntakeReply> {
    const reply = await this.thread.ask(request, transfer);
    if (reply.kind === 'failed') throw new AppError('internal', reply.message);
    return reply;
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
