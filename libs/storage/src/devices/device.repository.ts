import { AppError, Device, type Actor, type Page, type PageQuery } from '#contracts';
import type { DeviceRepository } from '#devices';
import { type Database } from '../database/database.js';
import { isDuplicate } from '../database/database-errors.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { auditColumns, isId, json, plain } from '../database/rows.js';
import type { DeviceModel } from '../generated/models.js';

export class PostgresDeviceRepository implements DeviceRepository {
  constructor(private readonly database: Database) {}

  async create(device: Device): Promise<void> {
    const { name, model, soc } = device;
    const operatingPoints = json(device.operatingPoints);
    const data = { ...auditColumns(device), name, model, soc, labels: json(device.labels), operatingPoints };
    try {
      await this.database.device.create({ data });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new AppError('already_exists', `there is a device "${name}" already`, {
        fields: [{ field: 'name', value: name, expected: 'a name that no device of the team has' }],
        cause: error,
      });
    }
  }

  async find({ teamId }: Actor, deviceId: string): Promise<Device | undefined> {
    if (!isId(deviceId)) return undefined;
    const row = await this.database.device.findUnique({ where: { id: deviceId, teamId } });
    return row === null ? undefined : toDevice(row);
  }

  async list({ teamId }: Actor, query: PageQuery): Promise<Page<Device>> {
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.device.findMany({ where: { ...where, teamId }, ...page });
    return pageOfRows(rows, query, toDevice);
  }
}

function toDevice(row: DeviceModel): Device {
  return Device.parse(plain(row));
}
