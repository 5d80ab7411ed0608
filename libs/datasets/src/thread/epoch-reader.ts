import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { ImageBatch } from '../batches/image-batch.js';
import { DatasetError } from '../dataset-error.js';
import {
  addCredit,
  endCredits,
  type Credits,
  type EpochReply,
  type ThreadFailure,
} from './epoch-messages.js';

/** Takes the batches of one epoch from the thread that makes them. */
export class EpochReader {
  readonly #arrived: EpochReply[] = [];
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(
    private readonly port: MessagePort,
    private readonly credits: Credits,
  ) {
    port.on('message', (reply: EpochReply) => {
      this.#arrived.push(reply);
      this.#wake?.();
    });
    port.unref();
  }

  /** The next batch; undefined after the last one. @throws what {@link fail} was told, or the thread */
  async next(): Promise<ImageBatch | undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      // An engine that computes on this thread lets no message in: those that have come are asked for.
      const reply = this.#arrived.shift() ?? this.#received();
      if (reply?.kind === 'batch') {
        addCredit(this.credits);
        return reply.batch;
      }
      if (reply?.kind === 'end') return undefined;
      if (reply?.kind === 'failed') this.fail(errorOf(reply));
      else await this.#arrival();
    }
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.close();
    this.#wake?.();
  }

  /** Tells the thread that no more batches are wanted. */
  close(): void {
    endCredits(this.credits);
    this.port.close();
  }

  #received(): EpochReply | undefined {
    return receiveMessageOnPort(this.port)?.message as EpochReply | undefined;
  }

  /** Keeps the process alive meanwhile: who waits for a batch has not come to an end. */
  async #arrival(): Promise<void> {
    this.port.ref();
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    this.port.unref();
  }
}

function errorOf({ message, where }: ThreadFailure): Error {
  return where === undefined ? new Error(message) : new DatasetError(message, where);
}
