import { z } from 'zod';
import { Audit, Id, Name, Timestamp } from './common.js';
import { CreateDevice, Device } from './devices.js';

/** Asks for a key with which agents register their devices. */
export const CreateEnrolmentKey = z.strictObject({
  name: Name,
  expiresAt: Timestamp.optional().describe(
    'no device is enrolled with it from then on; never expires if absent',
  ),
  maxUses: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('how many devices may be enrolled with it; no limit if absent'),
});
export type CreateEnrolmentKey = z.infer<typeof CreateEnrolmentKey>;

export const EnrolmentKey = Audit.extend({
  name: Name,
  prefix: z.string().describe('how the key begins'),
  expiresAt: Timestamp.optional(),
  maxUses: z.number().int().optional(),
  uses: z.number().int().describe('devices enrolled with it'),
});
export type EnrolmentKey = z.infer<typeof EnrolmentKey>;

/** A key as it is shown once, at its creation; the server keeps its SHA-256 alone. */
export const NewEnrolmentKey = EnrolmentKey.extend({ key: z.string() });
export type NewEnrolmentKey = z.infer<typeof NewEnrolmentKey>;

/** What an agent sends, with the key as bearer token, to register the device that it runs on. */
export const CreateEnrolment = CreateDevice.extend({
  installationId: Id.describe("the agent's own: the same installation gets the same device again"),
});
export type CreateEnrolment = z.infer<typeof CreateEnrolment>;

/** The device that an agent registered, with the key that the agent uses from then on: shown in this answer alone. */
export const EnrolledDevice = Device.extend({
  apiKey: z.string().describe('of role device, for this device; the one before is revoked'),
});
export type EnrolledDevice = z.infer<typeof EnrolledDevice>;
