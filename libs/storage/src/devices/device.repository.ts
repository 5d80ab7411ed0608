import type { Actor, Device, ListDevices, Page } from '#contracts';
import type { DeviceRepository } from '#devices';
import { type Database } from '../database/database.js';
import { isDuplicate } from '../database/database-errors.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { isId } from '../database/rows.js';
import { deviceColumns, deviceFilter, deviceNameTaken, toDevice } from './device.rows.js';

export class PostgresDeviceRepository implements DeviceRepository {
  constructor(private readonly database: Database) {}

  async create(device: Device): Promise<void> {
    try {
      await this.database.device.create({ data: deviceColumns(device) });
    } catch (error) {
      throw isDuplicate(error) ? deviceNameTaken(device.name, error) : error;
    }
  }

  async find({ teamId }: Actor, deviceId: string): Promise<Device | undefined> {
    if (!isId(deviceId)) return undefined;
    const row = await this.database.device.findUnique({ where: { id: deviceId, teamId } });
    return row === null ? undefined : toDevice(row);
  }

  async list({ teamId }: Actor, query: ListDevices): Promise<Page<Device>> {
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.device.findMany({
      where: { ...where, ...deviceFilter(query), teamId },
      ...page,
    });
    return pageOfRows(rows, query, toDevice);
  }

  async asked({ teamId }: Actor, deviceId: string, at: Date): Promise<void> {
    if (!isId(deviceId)) return;
    // Nobody has changed the device: `updatedAt`, which Prisma would set, stays.
    await this.database.$executeRaw`
      UPDATE "Device" SET "askedAt" = ${at}
      WHERE id = ${deviceId}::uuid AND "teamId" = ${teamId}::uuid AND ("askedAt" IS NULL OR "askedAt" < ${at})`;
  }
}
