import { AppError, Device } from '#contracts';
import { auditColumns, json, plain } from '../database/rows.js';
import type { DeviceModel } from '../generated/models.js';

export function toDevice(row: DeviceModel): Device {
  return Device.parse(plain(row));
}

export function deviceColumns(device: Device) {
  const { name, model, soc } = device;
  const operatingPoints = json(device.operatingPoints);
  return { ...auditColumns(device), name, model, soc, labels: json(device.labels), operatingPoints };
}

export function deviceNameTaken(name: string, cause: unknown): AppError {
  return new AppError('already_exists', `there is a device "${name}" already`, {
    fields: [{ field: 'name', value: name, expected: 'a name that no device of the team has' }],
    cause,
  });
}
