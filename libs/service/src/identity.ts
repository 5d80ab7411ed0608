import { randomUUID } from 'node:crypto';
import type { DeviceServiceParts } from '#devices';

/** Where services have time and ids from. */
export const IDENTITY: Pick<DeviceServiceParts, 'now' | 'newId'> = {
  now: () => new Date(),
  newId: randomUUID,
};
