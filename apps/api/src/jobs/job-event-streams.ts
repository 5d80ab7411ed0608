import { JobFollowers, type JobFollowersParts } from '#jobs';
import type { Actor, StoredJobEvent } from '#contracts';
import type { StreamMessage } from '../http/event-stream.js';

/** A job's events as messages for a browser's EventSource: the id is the sequence number, gapless from 1. */
export class JobEventStreams {
  private readonly followers: JobFollowers;

  constructor(parts: JobFollowersParts) {
    this.followers = new JobFollowers(parts);
  }

  async *follow(
    actor: Actor,
    jobId: string,
    afterSequence: number,
    signal: AbortSignal,
  ): AsyncGenerator<StreamMessage, void, undefined> {
    for await (const event of this.followers.follow(actor, jobId, afterSequence, signal)) {
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
