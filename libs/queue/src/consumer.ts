import { DelayedError, UnrecoverableError, WaitingError, type Job } from 'bullmq';
import { AppError } from '#contracts';
import { within } from '#runtime';
import type { Backend, BullWorker } from './backend.js';
import {
  backoffMs,
  entryOf,
  parseQueueData,
  QueueMessageError,
  type QueueData,
  type QueueName,
} from './catalogue.js';
import { holdLock } from './hold-lock.js';

export interface Delivery {
  /** Earlier tries of this message that failed. */
  readonly attemptsMade: number;
  /** Aborts when the worker stops (ConsumerStopped) or another one may have taken the message (LockLost). */
  readonly signal: AbortSignal;
  /** Whether the queue will deliver the message again when the handler throws `error`. */
  willRetry(error: unknown): boolean;
}

export type Handler<N extends QueueName> = (data: QueueData<N>, delivery: Delivery) => Promise<void>;

export interface ConsumeOptions {
  /** Messages handled at once. */
  readonly concurrency?: number;
  /** How long `close` waits for handlers that were told to stop. */
  readonly closeTimeoutMs?: number;
}

/** Why a handler is told to stop: the worker goes, its message stays and is delivered again. */
export class ConsumerStopped extends Error {
  override readonly name = 'ConsumerStopped';
}

/** Why a handler is told to stop: its lock could not be renewed, so another worker may have the message. */
export class LockLost extends Error {
  override readonly name = 'LockLost';
}

/** A handler throws it to leave a message to another worker, or to a later time. It is no try that failed. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused';
  /** @param isWanted whether somebody would take it now: it is put off for a moment then, else for longer each time */
  constructor(
    reason: string,
    readonly isWanted: boolean,
  ) {
    super(reason);
  }
}

/** So that one that fails leaves time for another. */
const RENEWALS_PER_LOCK = 3;
const SHORTEST_DELAY_MS = 250;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15_000;

/** Handles the messages of one queue until it is closed. */
export class Consumer<N extends QueueName> {
  private readonly worker: BullWorker;
  private stopping = new AbortController();
  private isPaused = false;
  private isClosed = false;
  /** What lets go of the locks that are held. */
  private readonly locks = new Set<() => void>();

  constructor(
    backend: Backend,
    private readonly name: N,
    private readonly handler: Handler<N>,
    private readonly options: ConsumeOptions,
    private readonly onError: (error: Error) => void,
  ) {
    const { lockDurationMs: lockDuration, maxStalledCount, backoff } = entryOf(name);
    this.worker = backend.worker(name, (job, token) => this.process(job, token), {
      concurrency: options.concurrency ?? 1,
      lockDuration,
      skipLockRenewal: true, // each delivery renews its own
      stalledInterval: lockDuration / 2,
      maxStalledCount,
      settings: { backoffStrategy: (attemptsMade) => backoffMs(backoff, attemptsMade) },
    });
    this.worker.on('error', onError);
  }

  /** Resolves once messages are taken. */
  async ready(): Promise<void> {
    await this.worker.waitUntilReady();
  }

  /** Takes no more messages, until it is resumed. Those that are handled are not disturbed. */
  async pause(): Promise<void> {
    this.isPaused = true;
    await this.worker.pause(true);
  }

  async resume(): Promise<void> {
    if (!this.isPaused || this.isClosed) return;
    this.isPaused = false;
    if (this.stopping.signal.aborted) this.stopping = new AbortController();
    await this.worker.resume();
  }

  /** Takes no more messages, tells handlers to stop and puts their messages back, until it is resumed. */
  async handBack(): Promise<void> {
    await this.pause();
    this.stopping.abort(new ConsumerStopped(`the consumer of queue "${this.name}" hands its messages back`));
  }

  /**
   * Takes no more messages, tells handlers to stop and puts their messages back. With `force`, for an engine that does
   * not answer, it waits for no handler: their messages are taken up when their locks have run out.
   */
  async close({ force = false } = {}): Promise<void> {
    this.isClosed = true;
    this.stopping.abort(new ConsumerStopped(`the consumer of queue "${this.name}" stops`));
    const timeoutMs = this.options.closeTimeoutMs ?? 10_000;
    const closed = this.worker.close(force).finally(() => this.locks.forEach((letGo) => letGo()));
    await within(timeoutMs, `closing queue "${this.name}"`, closed);
  }

  private async process(job: Job<unknown, void>, token: string | undefined): Promise<void> {
    // One that was under way when it was paused.
    if (this.isPaused) return putBack(job, token);
    const { signal: stopping } = this.stopping;
    const lock = new AbortController();
    const letGo = this.hold(job.id ?? '', token ?? '', lock);
    try {
      await this.handle(job, AbortSignal.any([stopping, lock.signal]));
    } catch (error) {
      if (stopping.aborted) return await putBack(job, token);
      if (error instanceof MessageRefused) return await putOff(job, token, error);
      throw isRetriable(error) ? error : new UnrecoverableError(messageOf(error));
    } finally {
      letGo();
    }
  }

  /** Aborts `lock` when it is lost. The same message may be here twice then: once more after its lock was lost. */
  private hold(id: string, token: string, lock: AbortController): () => void {
    const { lockDurationMs } = entryOf(this.name);
    const stop = holdLock({
      extend: async () => (await this.worker.extendJobLocks([id], [token], lockDurationMs)).length === 0,
      everyMs: lockDurationMs / RENEWALS_PER_LOCK,
      onLost: () => lock.abort(new LockLost(`the lock of message "${id}" was lost`)),
      onError: this.onError,
    });
    const letGo = () => {
      stop();
      this.locks.delete(letGo);
    };
    this.locks.add(letGo);
    return letGo;
  }

  private async handle(job: Job<unknown, void>, signal: AbortSignal): Promise<void> {
    if (job.name !== this.name)
      throw new QueueMessageError(`queue "${this.name}" got a message of the name "${job.name}"`);
    const data = parseQueueData(this.name, job.data);
    const last = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    const willRetry = (error: unknown) => signal.aborted || (isRetriable(error) && !last);
    await this.handler(data, { attemptsMade: job.attemptsMade, signal, willRetry });
  }
}

/** The message waits again, as the next one, and the try does not count. */
async function putBack(job: Job<unknown, void>, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

/** Longer each time that nobody would take it. Neither try nor refusal counts as one that failed. */
async function putOff(
  job: Job<unknown, void>,
  token: string | undefined,
  { isWanted }: MessageRefused,
): Promise<never> {
  const before = Math.max(0, job.attemptsStarted - job.attemptsMade - 1);
  const growingMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** before);
  await job.moveToDelayed(Date.now() + (isWanted ? SHORTEST_DELAY_MS : growingMs), token);
  throw new DelayedError();
}

/** An error that the catalogue does not know may pass; a user's fault stays one however often it is tried. */
function isRetriable(error: unknown): boolean {
  if (error instanceof QueueMessageError) return false;
  return error instanceof AppError ? error.retry : true;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
