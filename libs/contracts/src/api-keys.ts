import { z } from 'zod';
import type { Actor } from './actor.js';
import { Audit, Id, Name, Timestamp } from './common.js';

/** What a key may do; docs/access.md has the routes of each role. */
export const Role = z.enum(['admin', 'member', 'worker', 'device', 'viewer']);
export type Role = z.infer<typeof Role>;

const expiresAt = Timestamp.optional().describe('refused from then on; never expires if absent');

/** Asks for an API key. A key of role `device` is bound to one device, every other one to none. */
export const CreateApiKey = z
  .strictObject({
    name: Name,
    role: Role,
    deviceId: Id.optional().describe('the device that a key of role device is for'),
    expiresAt,
  })
  .refine(({ role, deviceId }) => (role === 'device') === (deviceId !== undefined), {
    path: ['deviceId'],
    message: 'expected the id of a device for the role device, and none for any other role',
  });
export type CreateApiKey = z.infer<typeof CreateApiKey>;

export const ApiKey = Audit.extend({
  name: Name,
  role: Role,
  prefix: z.string().describe('how the key begins'),
  deviceId: Id.optional(),
  expiresAt,
  revokedAt: Timestamp.optional(),
  lastUsedAt: Timestamp.optional().describe('to the minute'),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** A key as it is shown once, at its creation; the server keeps its SHA-256 alone. */
export const NewApiKey = ApiKey.extend({ key: z.string() });
export type NewApiKey = z.infer<typeof NewApiKey>;

export const Team = z.object({ id: Id, name: z.string(), createdAt: Timestamp });
export type Team = z.infer<typeof Team>;

/** Who asks: the key of the request, and the team that it belongs to. */
export const Me = z.object({ team: Team, key: ApiKey });
export type Me = z.infer<typeof Me>;

/** An actor that is known by its API key. */
export interface Caller extends Actor {
  readonly keyId: string;
  readonly role: Role;
  /** Of a key of role `device`. */
  readonly deviceId?: string | undefined;
}
