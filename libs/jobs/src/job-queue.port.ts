import type { JobMessage } from './lifecycle/transitions.js';

/** A message with the trace that it belongs to. */
export interface TracedMessage extends JobMessage {
  /** W3C trace context of the request or the work that the message came of; of a lost message nobody knows it. */
  readonly traceparent?: string;
}

/**
 * Where workers get their messages from. Delivery is at least once: whoever gets a message begins the stage, and
 * `begin` says when there is nothing left to do.
 */
export interface JobQueue {
  /**
   * Does nothing while the same message (job, stage and generation) waits or runs, but that one that waits gets the new priority. A
   * message whose earlier run has ended, or that the queue lost, is put in again.
   */
  enqueue(message: TracedMessage): Promise<void>;

  /** The same for many, in fewer round trips. Every message is put in, or refused, by itself: results are in their order. */
  enqueueAll(messages: readonly TracedMessage[]): Promise<PromiseSettledResult<void>[]>;

  /** Those of the messages that neither wait with their priority nor are being handled. Changes nothing. */
  missing(messages: readonly JobMessage[]): Promise<JobMessage[]>;
}
