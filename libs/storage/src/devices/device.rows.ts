import { AppError, Device, type ListDevices } from '#contracts';
import { auditColumns, json, plain } from '../database/rows.js';
import type { DeviceModel, DeviceWhereInput } from '../generated/models.js';

export function toDevice({ askedAt: _, ...row }: DeviceModel): Device {
  return Device.parse(plain(row));
}

export function deviceColumns(device: Device) {
  const { name, model, soc } = device;
  const operatingPoints = json(device.operatingPoints);
  return { ...auditColumns(device), name, model, soc, labels: json(device.labels), operatingPoints };
}

/** Where a device has all that the query asks for; team and page come beside it. */
export function deviceFilter({ owner, name, label = [] }: ListDevices): DeviceWhereInput {
  return {
    ...(owner === undefined ? {} : { owner }),
    // In LIKE, which Prisma makes of this, a bare _ stands for any character.
    ...(name === undefined ? {} : { name: { contains: name.replaceAll('_', '\\_') } }),
    AND: label.map(({ key, value }) => ({ labels: { path: [key], equals: value } })),
  };
}

export function deviceNameTaken(name: string, cause: unknown): AppError {
  return new AppError('already_exists', `there is a device "${name}" already`, {
    fields: [{ field: 'name', value: name, expected: 'a name that no device of the team has' }],
    cause,
  });
}
