import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '#contracts';
import type { ExportReply, ExportRequest } from './export-messages.js';

/** Beside this file and of its kind: JavaScript in a build, TypeScript where tests run the sources. */
const ENTRY = join(import.meta.dirname, `export-thread.process${extname(import.meta.filename)}`);

/** What a thread costs while nobody asks for anything is not worth the tenth of a second that starting it takes. */
const IDLE_MS = 30_000;

interface Waiting {
  readonly resolve: (reply: ExportReply) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that makes files of subnets, one after the other. It is started when it is needed, and keeps no process alive. */
export class ExportThread {
  private worker: Worker | undefined;
  private waiting: Waiting[] = [];
  private idle: NodeJS.Timeout | undefined;

  /** @param execArgv options of Node for the thread; default: those of this process */
  constructor(private readonly execArgv?: readonly string[]) {}

  /**
   * The file; the request's own files are gone from here then.
   * @throws AppError artifact_corrupt for a damaged bundle or addendum; internal where the thread fails
   */
  async file(request: ExportRequest): Promise<Uint8Array<ArrayBuffer>> {
    const reply = await this.ask(request);
    if (reply.kind === 'file') return reply.bytes;
    throw new AppError(reply.kind === 'damaged' ? 'artifact_corrupt' : 'internal', reply.message);
  }

  /** Ends the thread; whoever waits for it gets an error. */
  async close(): Promise<void> {
    clearTimeout(this.idle);
    const { worker } = this;
    this.ended(new Error('the thread that exports subnets was closed'));
    await worker?.terminate();
  }

  private ask(request: ExportRequest): Promise<ExportReply> {
    clearTimeout(this.idle);
    const worker = (this.worker ??= this.started());
    const { bundle, addendum } = request;
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      worker.postMessage(request, [bundle.buffer, ...(addendum ? [addendum.buffer] : [])]);
    });
  }

  private started(): Worker {
    const worker = new Worker(ENTRY, this.execArgv && { execArgv: [...this.execArgv] });
    worker.unref();
    worker.on('message', (reply: ExportReply) => this.answered(reply));
    const ended = (error: Error) => this.worker === worker && this.ended(error);
    worker.once('error', (cause) =>
      ended(new AppError('internal', 'the thread that exports subnets failed', { cause })),
    );
    worker.once('exit', () => ended(new Error('the thread that exports subnets has ended')));
    return worker;
  }

  private answered(reply: ExportReply): void {
    this.waiting.shift()?.resolve(reply);
    if (this.waiting.length === 0) this.idle = setTimeout(() => void this.close(), IDLE_MS).unref();
  }

  private ended(error: Error): void {
    const { waiting } = this;
    this.worker = undefined;
    this.waiting = [];
    for (const { reject } of waiting) reject(error);
  }
}
