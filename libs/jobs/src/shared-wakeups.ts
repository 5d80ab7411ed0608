interface Topic {
  readonly listeners: Set<() => void>;
  end(): void;
}

/** Calls the listener after what has this id has changed; returns what ends the subscription. */
type Subscribe = (id: string, listener: () => void) => () => void;

/**
 * One subscription and one timer for all who listen to the same job, or sweep: they look at the same times, so that whoever reads for
 * them can read once for all.
 */
export class SharedWakeups {
  private readonly topics = new Map<string, Topic>();

  /** @param pollMs wakes all listeners at least this often, because wake-ups may get lost */
  constructor(
    private readonly subscribe: Subscribe,
    private readonly pollMs: number,
  ) {}

  readonly on: Subscribe = (id, listener) => {
    const topic = this.topics.get(id) ?? this.open(id);
    topic.listeners.add(listener);
    return () => {
      topic.listeners.delete(listener);
      if (topic.listeners.size > 0 || this.topics.get(id) !== topic) return;
      this.topics.delete(id);
      topic.end();
    };
  };

  private open(id: string): Topic {
    const listeners = new Set<() => void>();
    const wake = () => listeners.forEach((listener) => listener());
    const unsubscribe = this.subscribe(id, wake);
    const timer = setInterval(wake, this.pollMs);
    const end = () => {
      clearInterval(timer);
      unsubscribe();
    };
    const topic = { listeners, end };
    this.topics.set(id, topic);
    return topic;
  }
}
