import { followJob, SharedWakeups, type FollowJob } from '#jobs';
import type { Actor, StoredJobEvent } from '#contracts';
import type { StreamMessage } from '../http/event-stream.js';

/** Looks for events at least this often, because wake-ups may get lost; for all clients of a job at once. */
const POLL_MS = 1000;
/** The longest that a timer takes. */
const NEVER_MS = 2 ** 31 - 1;

/** A job's events as messages for a browser's EventSource: the id is the sequence number, gapless from 1. */
export class JobEventStreams {
  private readonly parts: Pick<FollowJob, 'jobs' | 'wakeups' | 'pollMs'>;

  constructor({ jobs, wakeups }: Pick<FollowJob, 'jobs' | 'wakeups'>) {
    this.parts = { jobs, wakeups: new SharedWakeups(wakeups, POLL_MS), pollMs: NEVER_MS };
  }

  async *follow(
    actor: Actor,
    jobId: string,
    afterSequence: number,
    signal: AbortSignal,
  ): AsyncGenerator<StreamMessage, void, undefined> {
    for await (const event of followJob({ ...this.parts, actor, jobId, afterSequence, signal })) {
      yield messageOf(event);
    }
  }
}

/** Followers of a job share its events. */
const MESSAGES = new WeakMap<StoredJobEvent, StreamMessage>();

function messageOf(stored: StoredJobEvent): StreamMessage {
  const known = MESSAGES.get(stored);
  if (known !== undefined) return known;
  const { sequence, at, event } = stored;
  const message = { id: String(sequence), event: event.type, data: { ...event, at } };
  MESSAGES.set(stored, message);
  return message;
}
