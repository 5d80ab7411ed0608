import type { Actor, Device, Page, PageQuery } from '#contracts';

export interface DeviceRepository {
  /** @throws AppError already_exists when the team has a device of this name */
  create(device: Device): Promise<void>;
  find(actor: Actor, deviceId: string): Promise<Device | undefined>;
  /** Newest first. */
  list(actor: Actor, query: PageQuery): Promise<Page<Device>>;
}
