export interface RecentlyUsedOptions {
  /** The value that was used least recently goes when there are more. */
  readonly maxEntries: number;
  /** Older values are forgotten; default: none are. */
  readonly maxAgeMs?: number;
  readonly now?: () => number;
}

/** Keeps the values that were used last, by key. */
export class RecentlyUsed<Value> {
  /** The least recently used is first: a map keeps the order in which keys were set. */
  private readonly entries = new Map<string, { readonly value: Value; readonly setAt: number }>();

  constructor(private readonly options: RecentlyUsedOptions) {}

  get(key: string): Value | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.entries.delete(key);
    if (this.now() - entry.setAt > (this.options.maxAgeMs ?? Infinity)) return undefined;
    this.entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: Value): void {
    this.entries.delete(key);
    this.entries.set(key, { value, setAt: this.now() });
    if (this.entries.size <= this.options.maxEntries) return;
    const [oldest] = this.entries.keys();
    this.entries.delete(oldest!);
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}
