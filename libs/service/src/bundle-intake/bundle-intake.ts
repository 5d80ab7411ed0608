import type { FileHandle } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '#contracts';
import { OnDemandThread } from '../threads/on-demand-thread.js';
import type { IntakeReply, IntakeRequest, WholeFile } from './intake-messages.js';
import { PieceRing, type Piece } from './piece-ring.js';

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
   * Reads content to its end.
   * @param file gets all of it
   * @throws AppError payload_too_large for more than `maxBytes`; internal where the thread fails; the error of content or file
   */
  async read(content: Readable, maxBytes: number, file?: FileHandle): Promise<WholeFile> {
    const intake = ++this.begun;
    const release = this.thread.hold();
    const ring = new PieceRing(async ({ bytes, at }) => {
      await Promise.all([this.ask({ intake, kind: 'piece', at, bytes }), file && writeAll(file, bytes, at)]);
    });
    try {
      for await (const chunk of content as AsyncIterable<Uint8Array>) {
        if (ring.bytes + chunk.length > maxBytes) throw tooLong(maxBytes);
        await ring.add(chunk);
      }
      await ring.finish();
      const reply = await this.ask({ intake, kind: 'end' });
      if (reply.kind === 'whole') return reply.whole;
      throw new AppError('internal', `the thread that reads bundles answered "${reply.kind}" to the end`);
    } catch (error) {
      await ring.settled();
      // A thread that has ended has forgotten it.
      if (this.thread.isRunning) await this.ask({ intake, kind: 'forget' }).catch(() => {});
      throw error;
    } finally {
      release();
    }
  }

  /** Ends the thread; whoever waits for it gets an error. */
  close(): Promise<void> {
    return this.thread.close();
  }

  private async ask(request: IntakeRequest): Promise<IntakeReply> {
    const reply = await this.thread.ask(request);
    if (reply.kind === 'failed') throw new AppError('internal', reply.message);
    return reply;
  }
}

async function writeAll(file: FileHandle, bytes: Piece['bytes'], at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

function tooLong(maxBytes: number): AppError {
  const expected = `at most ${maxBytes} bytes`;
  return new AppError('payload_too_large', `the body is too large: expected ${expected}`, {
    fields: [{ field: 'body', expected }],
  });
}
