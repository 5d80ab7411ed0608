import { randomUUID } from 'node:crypto';
import type { NewSigningKey, SigningKeyRepository, StoredSigningKey } from '#registry';
import { inTransaction, type Database } from '../database/database.js';
import type { SigningKeyModel } from '../generated/models.js';

/** Whose the rows are: nobody's of a team. */
const OWNER = 'service';

export class PostgresSigningKeyRepository implements SigningKeyRepository {
  constructor(private readonly database: Database) {}

  async current(make: () => NewSigningKey): Promise<StoredSigningKey> {
    // Not findUnique: Prisma joins several of them into one "in", which it has not for Booleans.
    const where = { current: true };
    const known = await this.database.signingKey.findFirst({ where });
    if (known !== null) return toKey(known);
    // Of several processes one inserts its key; the others find it.
    await this.insert({ ...columns(make()), current: true });
    return toKey(await this.database.signingKey.findFirstOrThrow({ where }));
  }

  async note({ keyId, publicX }: NewSigningKey): Promise<void> {
    const known = await this.database.signingKey.findUnique({ where: { keyId }, select: { id: true } });
    if (known === null) await this.insert(columns({ keyId, publicX }));
  }

  async rotate(next: NewSigningKey, former: 'retired' | 'forgotten'): Promise<void> {
    const where = { current: true };
    await inTransaction(this.database, async (tx) => {
      // Two rotations take turns, and nobody makes a first key in between.
      await tx.$executeRaw`LOCK TABLE "SigningKey" IN SHARE ROW EXCLUSIVE MODE`;
      if (former === 'forgotten') await tx.signingKey.deleteMany({ where });
      else await tx.signingKey.updateMany({ where, data: { current: null, retiredAt: new Date() } });
      await tx.signingKey.create({ data: { ...columns(next), current: true } });
    });
  }

  async list(): Promise<StoredSigningKey[]> {
    const rows = await this.database.signingKey.findMany({
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    });
    return rows.map(toKey);
  }

  private async insert(data: ReturnType<typeof columns> & { current?: true }): Promise<void> {
    await this.database.signingKey.createMany({ data: [data], skipDuplicates: true });
  }
}

function columns({ keyId, publicX, privateKey }: NewSigningKey) {
  return { id: randomUUID(), owner: OWNER, keyId, publicX, privateKey: privateKey ?? null };
}

function toKey({ keyId, publicX, privateKey, createdAt, retiredAt }: SigningKeyModel): StoredSigningKey {
  return {
    ...{ keyId, publicX, createdAt },
    ...(privateKey !== null && { privateKey }),
    ...(retiredAt !== null && { retiredAt }),
  };
}
