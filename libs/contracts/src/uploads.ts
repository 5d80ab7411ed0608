import { z } from 'zod';
import { Audit, Sha256, Timestamp } from './common.js';

/** Announces a file that is sent in one part or several. */
export const CreateUpload = z.strictObject({
  digest: Sha256.describe('SHA-256 of the whole file'),
  bytes: z.number().int().min(1).describe('size of the whole file'),
});
export type CreateUpload = z.infer<typeof CreateUpload>;

/** A file on its way. */
export const Upload = Audit.extend({
  digest: Sha256,
  bytes: z.number().int(),
  offset: z.number().int().describe('bytes that have come, and where the next part begins'),
  complete: z.boolean().describe('all of it is there and has the digest'),
  expiresAt: Timestamp.describe('when it is forgotten, with what nothing refers to by then'),
});
export type Upload = z.infer<typeof Upload>;
