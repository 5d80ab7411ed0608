import type { Actor, AuditEntry, ListAuditLog, Page } from '#contracts';

/** Changes, by whom and when. Entries are only ever added. */
export interface AuditLogRepository {
  /** Is on the disk when this resolves. */
  add(entry: AuditEntry): Promise<void>;

  /** Newest first. */
  list(actor: Actor, query: ListAuditLog): Promise<Page<AuditEntry>>;
}
