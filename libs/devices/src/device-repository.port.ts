import type { Actor, Device, ListDevices, Page } from '#contracts';

export interface DeviceRepository {
  /** @throws AppError already_exists when the team has a device of this name */
  create(device: Device): Promise<void>;
  find(actor: Actor, deviceId: string): Promise<Device | undefined>;
  /** Newest first; those that have the owner, this part in their name and all of the labels, as far as given. */
  list(actor: Actor, query: ListDevices): Promise<Page<Device>>;
  /** An agent asks for work of the device; nothing happens where there is none. */
  asked(actor: Actor, deviceId: string, at: Date): Promise<void>;
}
