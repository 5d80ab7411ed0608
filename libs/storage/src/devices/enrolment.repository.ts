import { AppError, EnrolmentKey, type Actor, type Device, type Page, type PageQuery } from '#contracts';
import type { EnrolmentRepository, NewEnrolment } from '#devices';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { isDuplicate } from '../database/database-errors.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { auditColumns, isId, plain } from '../database/rows.js';
import type { EnrolmentKeyModel } from '../generated/models.js';
import { deviceColumns, deviceNameTaken, toDevice } from './device.rows.js';

export class PostgresEnrolmentRepository implements EnrolmentRepository {
  constructor(private readonly database: Database) {}

  async createKey(key: EnrolmentKey, digest: string): Promise<void> {
    const { name, prefix, expiresAt, maxUses, uses } = key;
    try {
      const data = { ...auditColumns(key), name, prefix, expiresAt, maxUses, uses, digest };
      await this.database.enrolmentKey.create({ data });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new AppError('already_exists', `there is an enrolment key "${name}" already`, {
        fields: [{ field: 'name', value: name, expected: 'a name that no enrolment key of the team has' }],
        cause: error,
      });
    }
  }

  async findKey({ teamId }: Actor, keyId: string): Promise<EnrolmentKey | undefined> {
    if (!isId(keyId)) return undefined;
    return keyOrNone(await this.database.enrolmentKey.findUnique({ where: { id: keyId, teamId } }));
  }

  async findKeyByDigest(digest: string): Promise<EnrolmentKey | undefined> {
    return keyOrNone(await this.database.enrolmentKey.findUnique({ where: { digest } }));
  }

  async listKeys({ teamId }: Actor, query: PageQuery): Promise<Page<EnrolmentKey>> {
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.enrolmentKey.findMany({ where: { ...where, teamId }, ...page });
    return pageOfRows(rows, query, toKey);
  }

  async deleteKey({ teamId }: Actor, keyId: string, updatedAt?: string): Promise<boolean> {
    if (!isId(keyId)) return false;
    const where = { id: keyId, teamId, ...(updatedAt === undefined ? {} : { updatedAt }) };
    const { count } = await this.database.enrolmentKey.deleteMany({ where });
    return count > 0;
  }

  async findDevice({ teamId }: Actor, name: string, installationId: string): Promise<Device | undefined> {
    const where = { teamId, name, enrolment: { installationId } };
    const row = await this.database.device.findFirst({ where });
    return row === null ? undefined : toDevice(row);
  }

  async enrol(enrolment: NewEnrolment): Promise<void> {
    const { device } = enrolment;
    try {
      await inTransaction(this.database, (tx) => insertEnrolled(tx, enrolment));
    } catch (error) {
      throw isDuplicate(error) ? deviceNameTaken(device.name, error) : error;
    }
  }
}

async function insertEnrolled(tx: Transaction, enrolment: NewEnrolment): Promise<void> {
  const { keyId, device, installationId, now } = enrolment;
  await useKey(tx, keyId, now);
  await tx.device.create({ data: deviceColumns(device) });
  const { id: deviceId, teamId, owner, createdAt, updatedAt } = device;
  const data = { deviceId, teamId, owner, createdAt, updatedAt, installationId, enrolmentKeyId: keyId };
  await tx.enrolment.create({ data });
}

/** Takes the row's lock, so that the last use is given once. */
async function useKey(tx: Transaction, keyId: string, now: Date): Promise<void> {
  const used = await tx.$executeRaw`
    UPDATE "EnrolmentKey" SET uses = uses + 1, "updatedAt" = ${now}
    WHERE id = ${keyId}::uuid AND ("maxUses" IS NULL OR uses < "maxUses")
      AND ("expiresAt" IS NULL OR "expiresAt" > ${now})`;
  if (used > 0) return;
  const key = await tx.enrolmentKey.findUnique({ where: { id: keyId } });
  const reason =
    key === null
      ? 'is gone'
      : key.maxUses === null
        ? 'has expired'
        : `was used ${key.uses} of ${key.maxUses} times`;
  throw new AppError('enrolment_refused', `the enrolment key${key ? ` "${key.name}"` : ''} ${reason}`);
}

function toKey(row: EnrolmentKeyModel): EnrolmentKey {
  return EnrolmentKey.parse(plain({ ...row }));
}

const keyOrNone = (row: EnrolmentKeyModel | null) => (row === null ? undefined : toKey(row));
