import { randomUUID } from 'node:crypto';
import type { ClaimedDelivery, ClaimOptions, DeliveryQueue, EndedAttempt } from '#webhooks';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { json } from '../database/rows.js';
import type { WebhookDeliveryModel, WebhookModel } from '../generated/models.js';
import { toStoredWebhook } from './webhook.rows.js';

/** Names the lock of claims: any number that no other advisory lock of this database has. */
const CLAIM_LOCK = 7_290_531;

const NOBODY = { leaseToken: null, leaseExpiresAt: null };

export class PostgresDeliveryQueue implements DeliveryQueue {
  constructor(private readonly database: Database) {}

  claim(options: ClaimOptions): Promise<ClaimedDelivery[]> {
    return inTransaction(this.database, async (tx) => {
      // One claim at a time counts what others hold, and so keeps the limit of every webhook.
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${CLAIM_LOCK}::bigint)`;
      const leaseToken = randomUUID();
      const leased = await lease(tx, leaseToken, options);
      if (leased.length === 0) return [];
      const rows = await tx.webhookDelivery.findMany({
        where: { id: { in: leased.map(({ id }) => id) } },
        include: { webhook: true },
        orderBy: [{ nextAttemptAt: 'asc' }, { id: 'asc' }],
      });
      return rows.map((row) => toClaimed(row, leaseToken));
    });
  }

  settle(claimed: ClaimedDelivery, attempt: EndedAttempt): Promise<boolean> {
    const { webhook } = claimed;
    return inTransaction(this.database, async (tx) => {
      // Before the delivery, as those do who delete the webhook.
      await tx.$queryRaw`SELECT id FROM "Webhook" WHERE id = ${webhook.id}::uuid FOR NO KEY UPDATE`;
      const where = { id: claimed.id, leaseToken: claimed.leaseToken };
      const [row] = await tx.webhookDelivery.updateManyAndReturn({
        where,
        data: attemptColumns(claimed, attempt),
      });
      if (row === undefined) return false;
      await noteOnWebhook(tx, row, attempt);
      return true;
    });
  }

  async release({ id, leaseToken }: ClaimedDelivery): Promise<void> {
    await this.database.webhookDelivery.updateMany({ where: { id, leaseToken }, data: NOBODY });
  }

  async forget(endedBefore: Date): Promise<void> {
    await this.database.webhookDelivery.deleteMany({
      where: { state: { not: 'pending' }, updatedAt: { lt: endedBefore } },
    });
  }
}

/** Skips rows that a settling process has locked: they are not due. */
function lease(tx: Transaction, token: string, options: ClaimOptions): Promise<{ id: string }[]> {
  const { now, leaseExpiresAt, limit, limitPerWebhook } = options;
  return tx.$queryRaw`
    WITH due AS MATERIALIZED (
      SELECT waiting.id
      FROM "Webhook" w
      CROSS JOIN LATERAL (
        SELECT d.id, d."nextAttemptAt" FROM "WebhookDelivery" d
        WHERE d."webhookId" = w.id AND d.state = 'pending' AND d."nextAttemptAt" <= ${now}
          AND (d."leaseExpiresAt" IS NULL OR d."leaseExpiresAt" <= ${now})
        ORDER BY d."nextAttemptAt", d.id
        LIMIT greatest(0, ${limitPerWebhook}::bigint - (
          SELECT count(*) FROM "WebhookDelivery" held
          WHERE held."webhookId" = w.id AND held."leaseExpiresAt" > ${now}))
        FOR UPDATE SKIP LOCKED
      ) waiting
      WHERE w.state = 'enabled'
      ORDER BY waiting."nextAttemptAt", waiting.id
      LIMIT ${limit}::bigint
    )
    UPDATE "WebhookDelivery" d
    SET "leaseToken" = ${token}::uuid, "leaseExpiresAt" = ${leaseExpiresAt},
      "firstAttemptAt" = coalesce(d."firstAttemptAt", ${now})
    FROM due WHERE d.id = due.id
    RETURNING d.id`;
}

function attemptColumns({ attempts }: ClaimedDelivery, { at, answer, verdict }: EndedAttempt) {
  return {
    ...NOBODY,
    state: verdict.state,
    attempts: attempts + 1,
    nextAttemptAt: verdict.state === 'pending' ? verdict.nextAttemptAt : null,
    lastAttemptAt: at,
    lastAnswer: json(answer),
    updatedAt: at,
  };
}

/** Of success no reader is told, so the webhook's revision stays. */
async function noteOnWebhook(
  tx: Transaction,
  { webhookId, firstAttemptAt }: WebhookDeliveryModel,
  { at, verdict }: EndedAttempt,
): Promise<void> {
  if (verdict.state === 'succeeded') {
    await tx.$executeRaw`UPDATE "Webhook" SET "lastSuccessAt" = ${at} WHERE id = ${webhookId}::uuid`;
  }
  if (verdict.state !== 'failed') return;
  const nothingSince = [{ lastSuccessAt: null }, { lastSuccessAt: { lt: firstAttemptAt ?? at } }];
  await tx.webhook.updateMany({
    where: {
      id: webhookId,
      state: 'enabled',
      ...(verdict.webhook === 'failing' ? { OR: nothingSince } : {}),
    },
    data: {
      ...{ state: 'disabled', disabledReason: verdict.webhook, disabledAt: at, updatedAt: at },
      revision: { increment: 1 },
    },
  });
}

function toClaimed(
  row: WebhookDeliveryModel & { webhook: WebhookModel },
  leaseToken: string,
): ClaimedDelivery {
  const { id, body, attempts } = row;
  return { ...toStoredWebhook(row.webhook), id, body, attempts, leaseToken };
}
