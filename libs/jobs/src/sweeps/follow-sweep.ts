import { notFound, type Actor, type StoredSweepEvent } from '#contracts';
import { followEvents } from '../follow-events.js';
import type { SweepRepository, SweepWakeups } from './sweep-repository.port.js';
import { isFinalSweep } from './sweep-states.js';

export interface FollowSweep {
  readonly sweeps: SweepRepository;
  readonly wakeups: SweepWakeups;
  readonly actor: Actor;
  readonly sweepId: string;
  /** Only events behind this one. */
  readonly afterSequence: number;
  readonly signal: AbortSignal;
}

/**
 * A sweep's events as they are stored, in order and without a gap. Ends after the event of the final state, or on abort.
 * @throws AppError not_found
 */
export function followSweep(options: FollowSweep): AsyncGenerator<StoredSweepEvent, void, undefined> {
  const { sweeps, wakeups, actor, sweepId, afterSequence, signal } = options;
  return followEvents({
    ...{ afterSequence, signal },
    isOver: async () => {
      const found = await sweeps.find(actor, sweepId);
      if (found === undefined) throw notFound('sweep', sweepId);
      return isFinalSweep(found.sweep);
    },
    eventsAfter: (sequence, limit) => sweeps.eventsAfter(actor, sweepId, sequence, limit),
    subscribe: (listener) => wakeups.onSweepEvents(sweepId, listener),
  });
}
