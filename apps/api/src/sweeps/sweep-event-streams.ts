import type { Actor } from '#contracts';
import { followSweep, type SweepRepository, type SweepWakeups } from '#jobs';
import type { StreamMessage } from '../http/event-stream.js';

/** A sweep's events as messages for a browser's EventSource: the id is the sequence number, gapless from 1. */
export class SweepEventStreams {
  constructor(private readonly parts: { sweeps: SweepRepository; wakeups: SweepWakeups }) {}

  async *follow(
    actor: Actor,
    sweepId: string,
    afterSequence: number,
    signal: AbortSignal,
  ): AsyncGenerator<StreamMessage, void, undefined> {
    const events = followSweep({ ...this.parts, actor, sweepId, afterSequence, signal });
    for await (const { sequence, at, event } of events) {
      yield { id: String(sequence), event: event.type, data: { ...event, at } };
    }
  }
}
