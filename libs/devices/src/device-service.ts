import {
  newAudit,
  notFound,
  type Actor,
  type CreateDevice,
  type Device,
  type ListDevices,
  type Page,
} from '#contracts';
import type { DeviceRepository } from './device-repository.port.js';

export interface DeviceServiceParts {
  readonly devices: DeviceRepository;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Devices and the operating points that they declare. */
export class DeviceService {
  constructor(private readonly parts: DeviceServiceParts) {}

  /** @throws AppError already_exists, for an id that is taken too */
  async create(actor: Actor, request: CreateDevice, id = this.parts.newId()): Promise<Device> {
    const { devices, now } = this.parts;
    const device: Device = { ...newAudit(actor, id, now()), ...request };
    await devices.create(device);
    return device;
  }

  /** @throws AppError not_found */
  async get(actor: Actor, deviceId: string): Promise<Device> {
    const device = await this.parts.devices.find(actor, deviceId);
    if (device === undefined) throw notFound('device', deviceId);
    return device;
  }

  list(actor: Actor, query: ListDevices): Promise<Page<Device>> {
    return this.parts.devices.list(actor, query);
  }
}
