import { newAudit, type Actor, type AuditEntry, type ListAuditLog, type Page } from '#contracts';
import type { AuditLogRepository } from './audit-log-repository.port.js';

export interface AuditLogParts {
  readonly entries: AuditLogRepository;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** A change, as who made it says. */
export type Change = Pick<AuditEntry, 'actor' | 'action' | 'method' | 'resource' | 'status' | 'requestId'>;

/** Who changed what, and when. */
export class AuditLog {
  constructor(private readonly parts: AuditLogParts) {}

  /** Resolves when the entry is stored for good. */
  async record(teamId: string, change: Change): Promise<void> {
    const { entries, now, newId } = this.parts;
    await entries.add({ ...newAudit({ teamId, owner: change.actor.name }, newId(), now()), ...change });
  }

  list(actor: Actor, query: ListAuditLog): Promise<Page<AuditEntry>> {
    return this.parts.entries.list(actor, query);
  }
}
