import { z } from 'zod';
import { Audit, Id, PageQuery, Timestamp } from './common.js';

/** Who made a change: a key, or somebody at the console of the machine that the service runs on. */
export const AuditActor = z.object({
  kind: z.enum(['api-key', 'enrolment-key', 'console']),
  id: Id.optional().describe('of the key'),
  name: z.string(),
});
export type AuditActor = z.infer<typeof AuditActor>;

/** One change: who made it, what it was, and when (`createdAt`). */
export const AuditEntry = Audit.extend({
  actor: AuditActor,
  action: z.string().describe('operationId of the route'),
  method: z.string(),
  resource: z.string().optional().describe('id or name of what was changed or made'),
  status: z.number().int().optional().describe('HTTP status of the answer'),
  requestId: z
    .string()
    .optional()
    .describe("X-Request-Id of the request's answer; finds all its lines in the log"),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** Query of GET /v1/audit-log: what is given must all hold of an entry. */
export const ListAuditLog = PageQuery.extend({
  action: z.string().min(1).max(100).optional().describe('operationId of the route'),
  actor: Id.optional().describe('id of the key'),
  resource: z.string().min(1).max(200).optional().describe('id or name of the resource'),
  since: Timestamp.optional().describe('at this time or later'),
  until: Timestamp.optional().describe('before this time'),
});
export type ListAuditLog = z.infer<typeof ListAuditLog>;
