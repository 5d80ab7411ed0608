interface UnderWay {
  readonly result: Promise<unknown>;
  hasBegun: boolean;
  /** For who asked after it had begun: what they ask for may have been written meanwhile. */
  next: Promise<unknown> | undefined;
}

/** Lets all who ask for the same at about the same time share one read, which begins after the last of them has asked: nobody is told what was true before. */
export class SharedReads {
  private readonly underWay = new Map<string, UnderWay>();

  /** @param key names what is read; the result is shared, so it must not be changed */
  read<T>(key: string, read: () => Promise<T>): Promise<T> {
    const current = this.underWay.get(key);
    if (current === undefined) return this.begin(key, read);
    if (!current.hasBegun) return current.result as Promise<T>;
    const again = () => this.read(key, read);
    current.next ??= current.result.then(again, again);
    return current.next as Promise<T>;
  }

  private begin<T>(key: string, read: () => Promise<T>): Promise<T> {
    // Those who are woken by the same event ask in the same turn of the event loop.
    const result = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => {
        entry.hasBegun = true;
        return read();
      })
      .finally(() => this.underWay.delete(key));
    const entry: UnderWay = { result, hasBegun: false, next: undefined };
    this.underWay.set(key, entry);
    return result;
  }
}
