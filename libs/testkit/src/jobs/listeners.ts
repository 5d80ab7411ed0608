/** Listeners by topic, called at once. */
export class Listeners {
  private readonly byTopic = new Map<string, Set<() => void>>();

  add(topic: string, listener: () => void): () => void {
    const listeners = this.byTopic.get(topic) ?? new Set();
    this.byTopic.set(topic, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  tell(topic: string): void {
    for (const listener of this.byTopic.get(topic) ?? []) listener();
  }
}
