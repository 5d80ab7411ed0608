import { AppError } from '#contracts';

export interface WriteBatchesOptions<Item> {
  /** Writes all of the items, or, if it rejects, none. */
  readonly write: (items: readonly Item[]) => Promise<void>;
  readonly maxItems: number;
  /** Batches that are written at the same time. */
  readonly atOnce: number;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes what comes while a write is under way together: many small writes at once cost little more than one, and a single one
 * does not wait.
 */
export class WriteBatches<Item> {
  private readonly waiting: Waiting<Item>[] = [];
  private underWay = 0;

  constructor(private readonly options: WriteBatchesOptions<Item>) {}

  /** Resolves when the item is written. An item that cannot be written keeps back none of those that came with it. */
  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      // Whatever else comes in this turn of the event loop is taken along.
      if (this.waiting.length === 0) setImmediate(() => this.next());
      this.waiting.push({ item, resolve, reject });
    });
  }

  private next(): void {
    while (this.waiting.length > 0 && this.underWay < this.options.atOnce) {
      const batch = this.waiting.splice(0, this.options.maxItems);
      this.underWay++;
      void this.write(batch).finally(() => {
        this.underWay--;
        this.next();
      });
    }
  }

  private async write(batch: readonly Waiting<Item>[]): Promise<void> {
    try {
      await this.options.write(batch.map(({ item }) => item));
    } catch (error) {
      if (batch.length > 1 && !isUnavailable(error)) return this.writeEach(batch);
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const { resolve } of batch) resolve();
  }

  /** One by one: it is the fault of some of them alone. */
  private async writeEach(batch: readonly Waiting<Item>[]): Promise<void> {
    for (const each of batch) await this.options.write([each.item]).then(each.resolve, each.reject);
  }
}

/** Nothing can be written now, whatever it is. */
const isUnavailable = (error: unknown): boolean => error instanceof AppError && error.code === 'unavailable';
