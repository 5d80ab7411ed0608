import type { ApiKeyRepository, Revocation } from '#access';
import { ApiKey, type Actor, type Page, type PageQuery } from '#contracts';
import { inTransaction, type Database } from '../database/database.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { auditColumns, isId, plain } from '../database/rows.js';
import { SharedReads } from '../database/shared-reads.js';
import type { ApiKeyModel } from '../generated/models.js';

/** Of the advisory lock under which the first key is made; any number that nothing else uses. */
const FIRST_KEY_LOCK = 0x6b65_7931;
const USED_EVERY_SECONDS = 60;

export class PostgresApiKeyRepository implements ApiKeyRepository {
  /** A client with one key may have many requests under way. */
  private readonly reads = new SharedReads();

  constructor(private readonly database: Database) {}

  async create(key: ApiKey, digest: string): Promise<void> {
    await this.database.apiKey.create({ data: columns(key, digest) });
  }

  createFirst(key: ApiKey, digest: string, keep: () => Promise<void> | void): Promise<boolean> {
    return inTransaction(this.database, async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${FIRST_KEY_LOCK}::bigint)`;
      if ((await tx.apiKey.findFirst({ select: { id: true } })) !== null) return false;
      await tx.apiKey.create({ data: columns(key, digest) });
      await keep();
      return true;
    });
  }

  async replaceEnrolled(key: ApiKey, digest: string): Promise<void> {
    const { teamId, deviceId } = key;
    await inTransaction(this.database, async (tx) => {
      // One after the other: each must see the key that the one before has stored.
      await tx.$queryRaw`SELECT 1 FROM "Device" WHERE id = ${deviceId}::uuid FOR UPDATE`;
      const where = { teamId, deviceId, enrolled: true, revokedAt: null };
      await tx.apiKey.updateMany({ where, data: { revokedAt: key.createdAt } });
      await tx.apiKey.create({ data: { ...columns(key, digest), enrolled: true } });
    });
  }

  async find({ teamId }: Actor, keyId: string): Promise<ApiKey | undefined> {
    if (!isId(keyId)) return undefined;
    return keyOrNone(await this.database.apiKey.findUnique({ where: { id: keyId, teamId } }));
  }

  async findByDigest(digest: string): Promise<ApiKey | undefined> {
    return this.reads.read(digest, async () =>
      keyOrNone(await this.database.apiKey.findUnique({ where: { digest } })),
    );
  }

  async list({ teamId }: Actor, query: PageQuery): Promise<Page<ApiKey>> {
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.apiKey.findMany({ where: { ...where, teamId }, ...page });
    return pageOfRows(rows, query, toKey);
  }

  async revoke({ teamId }: Actor, { keyId, at, updatedAt }: Revocation): Promise<boolean> {
    const where = { id: keyId, teamId, ...(updatedAt === undefined ? {} : { updatedAt }) };
    const revoked = await this.database.apiKey.updateMany({
      where: { ...where, revokedAt: null },
      data: { revokedAt: at, updatedAt: at },
    });
    return revoked.count > 0 || (await this.database.apiKey.count({ where })) > 0;
  }

  // Not a change of the key: updatedAt stays.
  async noteUse(keyId: string, at: Date): Promise<void> {
    await this.database.$executeRaw`
      UPDATE "ApiKey" SET "lastUsedAt" = ${at}
      WHERE id = ${keyId}::uuid
        AND ("lastUsedAt" IS NULL OR "lastUsedAt" <= ${at}::timestamptz - make_interval(secs => ${USED_EVERY_SECONDS}))`;
  }
}

function columns(key: ApiKey, digest: string) {
  const { name, role, prefix, deviceId, expiresAt } = key;
  return { ...auditColumns(key), name, role, prefix, deviceId, expiresAt, digest };
}

function toKey(row: ApiKeyModel): ApiKey {
  return ApiKey.parse(plain({ ...row }));
}

const keyOrNone = (row: ApiKeyModel | null) => (row === null ? undefined : toKey(row));
