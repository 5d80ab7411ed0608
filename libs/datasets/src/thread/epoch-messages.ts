import type { MessagePort } from 'node:worker_threads';
import type { ImageBatch } from '../batches/image-batch.js';
import type { DatasetError } from '../dataset-error.js';

/** Asks the thread for an epoch's batches; one epoch at a time. */
export interface EpochRequest {
  readonly epoch: number;
  readonly fromStep: number;
  /** Where the batches go. */
  readonly port: MessagePort;
  readonly credits: Credits;
}

export type EpochReply =
  { readonly kind: 'batch'; readonly batch: ImageBatch } | { readonly kind: 'end' } | ThreadFailure;

/** Errors lose their class between threads: one that has a place is a DatasetError. */
export interface ThreadFailure {
  readonly kind: 'failed';
  readonly message: string;
  readonly where?: DatasetError['where'];
}

/** One number in shared memory: how many more batches may be handed over now; negative when no one wants any more. */
export type Credits = Int32Array<SharedArrayBuffer>;

const NOT_WANTED = -1;

export function newCredits(count: number): Credits {
  return new Int32Array(new SharedArrayBuffer(4)).fill(count);
}

export function addCredit(credits: Credits): void {
  const count = Atomics.load(credits, 0);
  if (count === NOT_WANTED) return;
  Atomics.add(credits, 0, 1); // the other side only lowers it, and never below 0
  Atomics.notify(credits, 0);
}

export function endCredits(credits: Credits): void {
  Atomics.store(credits, 0, NOT_WANTED);
  Atomics.notify(credits, 0);
}

/** Waits, and blocks the thread meanwhile, until there is a credit to take. False when no one wants any more. */
export function takeCredit(credits: Credits): boolean {
  for (;;) {
    const count = Atomics.load(credits, 0);
    if (count === NOT_WANTED) return false;
    if (count === 0) Atomics.wait(credits, 0, 0);
    else if (Atomics.compareExchange(credits, 0, count, count - 1) === count) return true;
  }
}
