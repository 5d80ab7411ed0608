import type { JobWakeups } from './job-wakeups.port.js';

interface Topic {
  readonly listeners: Set<() => void>;
  end(): void;
}

/**
 * One subscription and one timer for all who listen to the same job: they look at the same times, so that whoever reads for them
 * can read once for all.
 */
export class SharedWakeups implements Pick<JobWakeups, 'onJobEvents'> {
  private readonly topics = new Map<string, Topic>();

  /** @param pollMs wakes all listeners at least this often, because wake-ups may get lost */
  constructor(
    private readonly wakeups: Pick<JobWakeups, 'onJobEvents'>,
    private readonly pollMs: number,
  ) {}

  onJobEvents(jobId: string, listener: () => void): () => void {
    const topic = this.topics.get(jobId) ?? this.open(jobId);
    topic.listeners.add(listener);
    return () => {
      topic.listeners.delete(listener);
      if (topic.listeners.size > 0 || this.topics.get(jobId) !== topic) return;
      this.topics.delete(jobId);
      topic.end();
    };
  }

  private open(jobId: string): Topic {
    const listeners = new Set<() => void>();
    const wake = () => listeners.forEach((listener) => listener());
    const unsubscribe = this.wakeups.onJobEvents(jobId, wake);
    const timer = setInterval(wake, this.pollMs);
    const end = () => {
      clearInterval(timer);
      unsubscribe();
    };
    const topic = { listeners, end };
    this.topics.set(jobId, topic);
    return topic;
  }
}
