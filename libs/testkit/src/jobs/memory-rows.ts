import type { Actor, Page, PageQuery } from '#contracts';

interface Row {
  readonly id: string;
  readonly teamId: string;
  readonly createdAt: string;
}

/** Rows of one kind, kept in memory and copied on the way in and out. */
export class MemoryRows<T extends Row> {
  private readonly rows = new Map<string, T>();

  put(row: T): void {
    this.rows.set(row.id, structuredClone(row));
  }

  remove(id: string): void {
    this.rows.delete(id);
  }

  get(id: string): T | undefined {
    return structuredClone(this.rows.get(id));
  }

  find(actor: Actor, id: string): T | undefined {
    const row = this.get(id);
    return row?.teamId === actor.teamId ? row : undefined;
  }

  all(): T[] {
    return structuredClone([...this.rows.values()]);
  }

  /** Newest first. */
  page(actor: Actor, query: PageQuery, filter: (row: T) => boolean = () => true): Page<T> {
    const sorted = this.all()
      .filter((row) => row.teamId === actor.teamId && filter(row))
      .sort((a, b) => (sortKey(a) < sortKey(b) ? 1 : -1));
    const rest = sorted.filter((row) => query.cursor === undefined || sortKey(row) < query.cursor);
    const items = rest.slice(0, query.limit);
    return rest.length > items.length ? { items, nextCursor: sortKey(items.at(-1)!) } : { items };
  }
}

function sortKey(row: Row): string {
  return `${row.createdAt} ${row.id}`;
}
