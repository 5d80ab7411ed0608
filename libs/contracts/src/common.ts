import { z } from 'zod';

export const Id = z.uuid();

/** Share of the dense network's multiply-accumulates that is removed; 0 is the dense network. */
export const Ratio = z.number().min(0).max(0.95).describe('pruning ratio: share of the dense MACs removed');

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits (SHA-256)');

/** Names that appear in URLs and file names. */
export const Name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'expected 1 to 63 of a-z, 0-9, ".", "_", "-", starting with a letter or digit',
  );

export const Labels = z.record(z.string().min(1).max(63), z.string().max(255));

export const Timestamp = z.iso.datetime({ error: 'expected a time in UTC, like 2031-05-03T12:00:00Z' });

/** Every stored resource belongs to a team and has an owner. */
export const Audit = z.object({
  id: Id,
  teamId: Id,
  owner: z.string(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});

/** Why nothing happens for now, and since when. */
export const Waiting = z.object({ reason: z.string(), since: Timestamp });
export type Waiting = z.infer<typeof Waiting>;

/** Query of a list of all that there is; those of other lists extend it, and refuse parameters that they do not name. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional().describe('opaque; `nextCursor` of the page before'),
});
export type PageQuery = z.infer<typeof PageQuery>;

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });
export interface Page<T> {
  items: T[];
  nextCursor?: string | undefined;
}

export const ImageInput = z.object({
  channels: z.number().int().min(1).max(16),
  height: z.number().int().min(8).max(512),
  width: z.number().int().min(8).max(512),
});
export type ImageInput = z.infer<typeof ImageInput>;

/** Kept channels by channel group. */
export const WidthsSchema = z.record(z.string(), z.number().int().min(1));

export const Fault = z.enum(['user', 'infrastructure', 'device']);
export type Fault = z.infer<typeof Fault>;
