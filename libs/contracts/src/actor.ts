import type { Audit } from './common.js';
import type { z } from 'zod';

/** On whose behalf something is done. Every read and write is limited to the team. */
export interface Actor {
  readonly teamId: string;
  readonly owner: string;
}

/** The audit columns of a resource that `actor` creates at `at`. */
export function newAudit(actor: Actor, id: string, at: Date): z.infer<typeof Audit> {
  const time = at.toISOString();
  return { id, teamId: actor.teamId, owner: actor.owner, createdAt: time, updatedAt: time };
}
