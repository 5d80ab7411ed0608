import type { AuditLogRepository } from '#access';
import { AuditEntry, type Actor, type ListAuditLog, type Page } from '#contracts';
import type { Database } from '../database/database.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { auditColumns, plain } from '../database/rows.js';
import { WriteBatches } from '../database/write-batches.js';
import type { AuditActorKind } from '../generated/client.js';
import type { AuditEntryModel } from '../generated/models.js';

const ENTRIES_PER_WRITE = 100;

export class PostgresAuditLogRepository implements AuditLogRepository {
  private readonly entries: WriteBatches<AuditEntry>;

  constructor(private readonly database: Database) {
    const write = async (entries: readonly AuditEntry[]) => {
      await database.$executeRaw`
        INSERT INTO "AuditEntry"
        SELECT * FROM jsonb_populate_recordset(NULL::"AuditEntry", ${JSON.stringify(entries.map(columns))}::jsonb)`;
    };
    this.entries = new WriteBatches({ write, maxItems: ENTRIES_PER_WRITE, atOnce: 1 });
  }

  add(entry: AuditEntry): Promise<void> {
    return this.entries.add(entry);
  }

  async list({ teamId }: Actor, query: ListAuditLog): Promise<Page<AuditEntry>> {
    const { action, actor: actorId, resource, since, until } = query;
    const { where, ...page } = pageArguments(query);
    const createdAt = { gte: since, lt: until };
    const rows = await this.database.auditEntry.findMany({
      where: { AND: [where, { teamId, action, actorId, resource, createdAt }] },
      ...page,
    });
    return pageOfRows(rows, query, toEntry);
  }
}

function columns(entry: AuditEntry) {
  const { actor, action, method, resource, status, requestId } = entry;
  const by = { actorKind: COLUMN_OF_KIND[actor.kind], actorId: actor.id, owner: actor.name };
  return { ...auditColumns(entry), action, method, resource, status, requestId, ...by };
}

const COLUMN_OF_KIND = {
  'api-key': 'api_key',
  'enrolment-key': 'enrolment_key',
  console: 'console',
} as const satisfies Record<AuditEntry['actor']['kind'], AuditActorKind>;

function toEntry({ actorKind, actorId, ...row }: AuditEntryModel): AuditEntry {
  const actor = { kind: actorKind.replace('_', '-'), name: row.owner, ...(actorId && { id: actorId }) };
  return AuditEntry.parse({ ...plain(row), actor });
}
