import { AppError, type Actor, type Calibration, type Device, type ListDevices, type Page } from '#contracts';
import type { CalibrationRepository, DeviceRepository } from '#devices';
import { MemoryRows } from '../jobs/memory-rows.js';

export class MemoryDevices implements DeviceRepository {
  private readonly rows = new MemoryRows<Device>();

  create(device: Device): Promise<void> {
    const sameName = (other: Device) => other.teamId === device.teamId && other.name === device.name;
    if (this.rows.all().some(sameName))
      return Promise.reject(new AppError('already_exists', `there is a device "${device.name}" already`));
    this.rows.put(device);
    return Promise.resolve();
  }

  find(actor: Actor, deviceId: string): Promise<Device | undefined> {
    return Promise.resolve(this.rows.find(actor, deviceId));
  }

  list(actor: Actor, query: ListDevices): Promise<Page<Device>> {
    const { owner, name = '', label = [] } = query;
    const matches = (device: Device) =>
      (owner === undefined || device.owner === owner) &&
      device.name.includes(name) &&
      label.every(({ key, value }) => device.labels[key] === value);
    return Promise.resolve(this.rows.page(actor, query, matches));
  }

  asked(): Promise<void> {
    return Promise.resolve();
  }
}

export class MemoryCalibrations implements CalibrationRepository {
  private readonly rows = new MemoryRows<Calibration>();

  create(calibration: Calibration): Promise<void> {
    this.rows.put(calibration);
    return Promise.resolve();
  }

  find(actor: Actor, calibrationId: string): Promise<Calibration | undefined> {
    return Promise.resolve(this.rows.find(actor, calibrationId));
  }
}
