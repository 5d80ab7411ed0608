import { notFound, type Actor, type StoredSweepEvent } from '#contracts';
import { followEvents } from '../follow-events.js';
import type { SweepRepository, SweepWakeups } from './sweep-repository.port.js';
import { isFinalSweep } from './sweep-states.js';

export interface FollowSweep {
  readonly sweeps: Pick<SweepRepository, 'stateOf' | 'eventsAfter'>;
  /** These may tell of nothing new, too. */
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
      const state = await sweeps.stateOf(actor, sweepId);
      if (state === undefined) throw notFound('sweep', sweepId);
      return isFinalSweep({ state });
    },
    eventsAfter: (sequence, limit) => sweeps.eventsAfter(actor, sweepId, sequence, limit),
    subscribe: (listener) => wakeups.onSweepEvents(sweepId, listener),
  });
}
