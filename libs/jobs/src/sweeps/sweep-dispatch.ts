import type { Job } from '#contracts';
import { isFinal, isOnDevice } from '../lifecycle/job-states.js';
import { messageOf, type JobMessage } from '../lifecycle/transitions.js';
import type { SweepQueue } from './sweep-queue.port.js';
import type { SweepRepository } from './sweep-repository.port.js';

/** A message of the outbox about a sweep. */
export interface SweepMessage {
  readonly sweepId: string;
  /** Of the event that it is to be looked at for; without it the sweep is sent out with its jobs. */
  readonly sequence?: number | undefined;
  readonly traceparent?: string | undefined;
}

/** Puts messages about sweeps into the queue. What is sent of their jobs is what they wait for by then. */
export class SweepDispatch {
  constructor(private readonly parts: { readonly sweeps: SweepRepository; readonly queue: SweepQueue }) {}

  /** Every message is put in, or refused, by itself: results are in their order. */
  enqueueAll(messages: readonly SweepMessage[]): Promise<PromiseSettledResult<void>[]> {
    return Promise.allSettled(messages.map((message) => this.enqueue(message)));
  }

  private async enqueue({ sweepId, sequence, traceparent }: SweepMessage): Promise<void> {
    const { sweeps, queue } = this.parts;
    if (sequence !== undefined) return queue.look(sweepId, String(sequence), traceparent);
    await queue.fanOut(sweepId, messagesOf(await sweeps.jobs(sweepId)), traceparent);
  }
}

/** What the queue ought to have of a sweep's jobs. */
function messagesOf(jobs: readonly Job[]): JobMessage[] {
  return jobs.filter(isQueues).map(messageOf);
}

/** Whether it is the queue that has a job go on: neither its user nor its device. */
function isQueues(job: Job): boolean {
  if (isFinal(job) || job.state === 'paused') return false;
  return !isOnDevice(job.stage) || job.measuringTaskId === undefined;
}
