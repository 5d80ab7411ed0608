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

/** As it is kept: with the body as text, for jsonb would sort its fields. One that was kept before that has a body still. */
const KeptAnswer = StoredAnswer.extend({ json: z.string().optional() });

function kept({ status, headers, body }: StoredAnswer): z.infer<typeof KeptAnswer> {
  return { status, headers, body: null, json: JSON.stringify(body ?? null) };
}

function answerOf(row: unknown): StoredAnswer {
  const { status, headers, body, json } = KeptAnswer.parse(row);
  return { status, headers, body: json === undefined ? body : (JSON.parse(json) as unknown) };
}

/** A key that this process holds, for as long as it answers the request. */
export interface HeldKey {
  readonly teamId: string;
  readonly key: string;
  readonly holder: string;
  /** What the request makes gets this id, in every try. */
  readonly resourceId: string;
  /** An earlier try ended nobody knows how: what it was to make may be there. */
  readonly isRepeated: boolean;
}

/** `begun`: do the work, then `finish`, `abandon` or `release` it. `answered`: give this answer again. */
export type BegunRequest =
  | { readonly state: 'begun'; readonly held: HeldKey }
  | { readonly state: 'answered'; readonly answer: StoredAnswer };

/** How long a key is remembered. */
const REMEMBERED_HOURS = 24;
/** A process that holds a key and has not said so for this long has died; another one may take it. */
const LEASE_SECONDS = 5;
const RENEW_EVERY_MS = 1_500;
const FORGET_EVERY_MS = 60_000;

/** Requests with an Idempotency-Key, per team. */
export class IdempotencyStore {
  private forgotAt = -Infinity;
  /** By holder. */
  private readonly renewals = new Map<string, NodeJS.Timeout>();

  /** @param onError told of a lease that could not be renewed, which another process may take then */
  constructor(
    private readonly database: Database,
    private readonly onError: (error: Error) => void,
  ) {}

  /**
   * Takes the key for this request, unless it was answered before.
   * @param requestDigest of method, path and body.
   * @throws AppError idempotency_key_reused for another request, request_in_progress while it is being answered.
   */
  async begin(actor: Actor, key: string, requestDigest: string): Promise<BegunRequest> {
    const held = await this.take(actor, key, requestDigest);
    if (held !== undefined) {
      this.renew(held);
      return { state: 'begun', held };
    }
    const where = { teamId_key: { teamId: actor.teamId, key } };
    const row = await this.database.idempotencyKey.findUnique({ where });
    if (row !== null && row.requestDigest !== requestDigest) throw reused(key);
    if (row === null || row.answer === null) throw inProgress(key);
    return { state: 'answered', answer: answerOf(row.answer) };
  }

  /** Keeps the answer for those who send the request again. */
  async finish(held: HeldKey, answer: StoredAnswer): Promise<void> {
    const { teamId, key, holder } = this.letGo(held);
    await this.database.$executeRaw`
      UPDATE "IdempotencyKey" SET answer = ${JSON.stringify(kept(answer))}::jsonb, "updatedAt" = now()
      WHERE "teamId" = ${teamId}::uuid AND key = ${key} AND holder = ${holder}::uuid`;
  }

  /** Forgets a request that made nothing, so that it can be sent again, mended. */
  async abandon(held: HeldKey): Promise<void> {
    const { teamId, key, holder } = this.letGo(held);
    await this.database.idempotencyKey.deleteMany({ where: { teamId, key, holder } });
  }

  /** Lets the same request be sent again at once: nobody knows whether it made something. */
  async release(held: HeldKey): Promise<void> {
    const { teamId, key, holder } = this.letGo(held);
    const data = { leaseExpiresAt: null };
    await this.database.idempotencyKey.updateMany({ where: { teamId, key, holder }, data });
  }

  /** Leaves what is held to those who send it again. */
  close(): void {
    for (const renewal of this.renewals.values()) clearInterval(renewal);
    this.renewals.clear();
  }

  /** One round trip: it is part of every submission. */
  private async take(
    { teamId, owner }: Actor,
    key: string,
    requestDigest: string,
  ): Promise<HeldKey | undefined> {
    await this.forgetOldNowAndThen();
    const [holder, newId] = [randomUUID(), randomUUID()];
    const taken = await this.database.$queryRaw<{ resourceId: string }[]>`
      INSERT INTO "IdempotencyKey" AS known
        ("teamId", key, owner, "requestDigest", holder, "resourceId", "leaseExpiresAt")
      VALUES (${teamId}::uuid, ${key}, ${owner}, ${requestDigest}, ${holder}::uuid, ${newId}::uuid,
        now() + make_interval(secs => ${LEASE_SECONDS}))
      ON CONFLICT ("teamId", key) DO UPDATE SET
        owner = excluded.owner, "requestDigest" = excluded."requestDigest", holder = excluded.holder,
        "resourceId" = CASE WHEN known.answer IS NULL AND known."requestDigest" = excluded."requestDigest"
          THEN coalesce(known."resourceId", excluded."resourceId") ELSE excluded."resourceId" END,
        answer = NULL, "leaseExpiresAt" = excluded."leaseExpiresAt", "createdAt" = now(), "updatedAt" = now()
      WHERE known."createdAt" < now() - make_interval(hours => ${REMEMBERED_HOURS})
        OR (known.answer IS NULL AND known."requestDigest" = excluded."requestDigest"
          AND coalesce(known."leaseExpiresAt" < now(), true))
      RETURNING "resourceId"`;
    const resourceId = taken[0]?.resourceId;
    if (resourceId === undefined) return undefined;
    return { teamId, key, holder, resourceId, isRepeated: resourceId !== newId };
  }

  private renew({ teamId, key, holder }: HeldKey): void {
    const renew = () => this.database.$executeRaw`
      UPDATE "IdempotencyKey" SET "leaseExpiresAt" = now() + make_interval(secs => ${LEASE_SECONDS})
      WHERE "teamId" = ${teamId}::uuid AND key = ${key} AND holder = ${holder}::uuid AND answer IS NULL`;
    const timer = setInterval(() => void renew().catch(this.onError), RENEW_EVERY_MS).unref();
    this.renewals.set(holder, timer);
  }

  private letGo(held: HeldKey): HeldKey {
    clearInterval(this.renewals.get(held.holder));
    this.renewals.delete(held.holder);
    return held;
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
