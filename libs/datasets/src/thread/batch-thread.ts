import { extname, join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { BatchPlan } from '../batches/batch-plan.js';
import type { ImageBatch } from '../batches/image-batch.js';
import { newCredits, type EpochRequest } from './epoch-messages.js';
import { EpochReader } from './epoch-reader.js';

/** Beside this file and of its kind: JavaScript in a build, TypeScript where tests run the sources. */
const ENTRY = join(import.meta.dirname, `batch-thread.process${extname(import.meta.filename)}`);

/** Batches that lie ready at most, beside the one that is being made. */
const AHEAD = 3;

/** A thread that makes a plan's batches ahead. It keeps no process alive. */
export class BatchThread {
  readonly #worker: Worker;
  #reader: EpochReader | undefined;
  #ended: Error | undefined;

  /** @param execArgv options of Node for the thread; default: those of this process */
  constructor(plan: BatchPlan, execArgv?: readonly string[]) {
    this.#worker = new Worker(ENTRY, {
      workerData: plan,
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
    });
    this.#worker.unref();
    this.#worker.once('error', (error) => this.#end(error));
    this.#worker.once('exit', () => this.#end(new Error('the thread that makes batches has ended')));
  }

  /** An epoch's batches from a step on. Reading another epoch ends it. */
  async *epoch(epoch: number, fromStep: number): AsyncGenerator<ImageBatch, void, undefined> {
    const reader = this.#begin(epoch, fromStep);
    try {
      for (let batch = await reader.next(); batch !== undefined; batch = await reader.next()) yield batch;
    } finally {
      reader.close();
    }
  }

  async close(): Promise<void> {
    this.#end(new Error('the thread that makes batches was closed'));
    await this.#worker.terminate();
  }

  #begin(epoch: number, fromStep: number): EpochReader {
    if (this.#ended) throw this.#ended;
    this.#reader?.fail(new Error(`epoch ${epoch} was begun before this one was read to its end`));
    const { port1, port2 } = new MessageChannel();
    const credits = newCredits(AHEAD);
    const request: EpochRequest = { epoch, fromStep, port: port2, credits };
    this.#worker.postMessage(request, [port2]);
    return (this.#reader = new EpochReader(port1, credits));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#reader?.fail(this.#ended);
  }
}
