import { News } from './news.js';

export interface FollowEvents<Event> {
  /** Whether no more events come; @throws AppError not_found */
  readonly isOver: () => Promise<boolean>;
  /** Events with a larger sequence number, ascending. */
  readonly eventsAfter: (sequence: number, limit: number) => Promise<Event[]>;
  /** Calls the listener after new events, and now and then where it might miss some; returns what ends the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Only events behind this one. */
  readonly afterSequence: number;
  readonly signal: AbortSignal;
}

const EVENTS_PER_READ = 500;

/**
 * Events as they are stored, in order and without a gap. Ends after the last one, or on abort.
 * @throws what `isOver` throws
 */
export async function* followEvents<Event extends { readonly sequence: number }>(
  options: FollowEvents<Event>,
): AsyncGenerator<Event, void, undefined> {
  const { isOver, eventsAfter, subscribe, signal } = options;
  const news = new News();
  const tell = () => news.tell();
  const unsubscribe = subscribe(tell);
  signal.addEventListener('abort', tell);
  let sequence = options.afterSequence;
  try {
    while (!signal.aborted) {
      news.read();
      // Asked before the events are read: when it is over, all of them are there already.
      const over = await isOver();
      const events = await eventsAfter(sequence, EVENTS_PER_READ);
      yield* events;
      sequence = events.at(-1)?.sequence ?? sequence;
      if (events.length === EVENTS_PER_READ) continue;
      if (over) return;
      await news.wait();
    }
  } finally {
    signal.removeEventListener('abort', tell);
    unsubscribe();
  }
}
