import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AppError, type Actor } from '#contracts';
import type { Database } from './database.js';

/** An answer to be given again. */
export const StoredAnswer = z.object({
  status: z.number().int(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
});
export type StoredAnswer = z.infer<typeof StoredAnswer>;

/** `begun`: do the work, then `finish` or `abandon` with the holder. `answered`: give this answer again. */
export type BegunRequest =
  | { readonly state: 'begun'; readonly holder: string }
  | { readonly state: 'answered'; readonly answer: StoredAnswer };

/** How long a key is remembered. */
const REMEMBERED_HOURS = 24;
/** A request that has no answer by then belongs to a process that died; another one may take it. */
const ABANDONED_AFTER_MINUTES = 5;
const FORGET_EVERY_MS = 60_000;

/** Requests with an Idempotency-Key, per team. */
export class IdempotencyStore {
  private forgotAt = -Infinity;

  constructor(private readonly database: Database) {}

  /**
   * Takes the key for this request, unless it was answered before.
   * @param requestDigest of method, path and body.
   * @throws AppError idempotency_key_reused for another request, request_in_progress while it is being answered.
   */
  async begin(actor: Actor, key: string, requestDigest: string): Promise<BegunRequest> {
    const holder = randomUUID();
    if (await this.take(actor, key, requestDigest, holder)) return { state: 'begun', holder };
    const where = { teamId_key: { teamId: actor.teamId, key } };
    const row = await this.database.idempotencyKey.findUnique({ where });
    if (row !== null && row.requestDigest !== requestDigest) throw reused(key);
    if (row === null || row.answer === null) throw inProgress(key);
    return { state: 'answered', answer: StoredAnswer.parse(row.answer) };
  }

  /** Keeps the answer for those who send the request again. */
  async finish({ teamId }: Actor, key: string, holder: string, answer: StoredAnswer): Promise<void> {
    await this.database.$executeRaw`
      UPDATE "IdempotencyKey" SET answer = ${JSON.stringify(answer)}::jsonb, "updatedAt" = now()
      WHERE "teamId" = ${teamId}::uuid AND key = ${key} AND holder = ${holder}::uuid`;
  }

  /** Forgets a request that failed, so that it can be sent again. */
  async abandon({ teamId }: Actor, key: string, holder: string): Promise<void> {
    await this.database.idempotencyKey.deleteMany({ where: { teamId, key, holder } });
  }

  private async take(
    { teamId, owner }: Actor,
    key: string,
    requestDigest: string,
    holder: string,
  ): Promise<boolean> {
    await this.forgetOldNowAndThen();
    const taken = await this.database.$executeRaw`
      INSERT INTO "IdempotencyKey" ("teamId", key, owner, "requestDigest", holder)
      VALUES (${teamId}::uuid, ${key}, ${owner}, ${requestDigest}, ${holder}::uuid)
      ON CONFLICT ("teamId", key) DO UPDATE SET
        owner = excluded.owner, "requestDigest" = excluded."requestDigest", holder = excluded.holder,
        answer = NULL, "createdAt" = now(), "updatedAt" = now()
      WHERE "IdempotencyKey"."createdAt" < now() - make_interval(hours => ${REMEMBERED_HOURS})
        OR ("IdempotencyKey".answer IS NULL
          AND "IdempotencyKey"."requestDigest" = excluded."requestDigest"
          AND "IdempotencyKey"."updatedAt" < now() - make_interval(mins => ${ABANDONED_AFTER_MINUTES}))`;
    return taken === 1;
  }

  /** Keys that nobody uses again; one that somebody does is taken anew at any time. */
  private async forgetOldNowAndThen(): Promise<void> {
    const now = Date.now();
    if (now - this.forgotAt < FORGET_EVERY_MS) return;
    this.forgotAt = now;
    await this.database.$executeRaw`
      DELETE FROM "IdempotencyKey" WHERE "createdAt" < now() - make_interval(hours => ${REMEMBERED_HOURS})`;
  }
}

function reused(key: string): AppError {
  return new AppError('idempotency_key_reused', `Idempotency-Key "${key}" belongs to another request`, {
    fields: [{ field: 'Idempotency-Key', value: key, expected: 'a new key for a new request' }],
  });
}

function inProgress(key: string): AppError {
  return new AppError('request_in_progress', `the request with Idempotency-Key "${key}" is being answered`);
}
