import {
  notFound,
  type Actor,
  type ListWebhookDeliveries,
  type Page,
  type PageQuery,
  type Webhook,
  type WebhookDelivery,
} from '#contracts';
import type { StoredWebhook, WebhookRepository } from '#webhooks';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { notify } from '../database/notify.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { isId } from '../database/rows.js';
import { toDelivery, toStoredWebhook, toWebhook, webhookColumns } from './webhook.rows.js';

/** A delivery that begins anew: whoever attempts it now has lost it. */
const anew = (now: Date) => ({
  ...{ state: 'pending' as const, attempts: 0, nextAttemptAt: now, updatedAt: now },
  ...{ firstAttemptAt: null, leaseToken: null, leaseExpiresAt: null },
});

export class PostgresWebhookRepository implements WebhookRepository {
  constructor(private readonly database: Database) {}

  async create(stored: StoredWebhook): Promise<void> {
    await this.database.webhook.create({ data: webhookColumns(stored) });
  }

  async find({ teamId }: Actor, webhookId: string): Promise<StoredWebhook | undefined> {
    if (!isId(webhookId)) return undefined;
    const row = await this.database.webhook.findUnique({ where: { id: webhookId, teamId } });
    return row === null ? undefined : toStoredWebhook(row);
  }

  async list({ teamId }: Actor, query: PageQuery): Promise<Page<Webhook>> {
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.webhook.findMany({ where: { ...where, teamId }, ...page });
    return pageOfRows(rows, query, toWebhook);
  }

  update(
    actor: Actor,
    webhookId: string,
    change: (before: StoredWebhook) => StoredWebhook,
  ): Promise<StoredWebhook> {
    return inTransaction(this.database, async (tx) => {
      const before = await lockWebhook(tx, actor, webhookId);
      const after = change(before);
      await tx.webhook.update({ where: { id: webhookId }, data: webhookColumns(after) });
      const isBack = before.webhook.state === 'disabled' && after.webhook.state === 'enabled';
      if (isBack) await restart(tx, webhookId, new Date(after.webhook.updatedAt));
      return after;
    });
  }

  delete(actor: Actor, webhookId: string, check?: (webhook: Webhook) => void): Promise<void> {
    return inTransaction(this.database, async (tx) => {
      const { webhook } = await lockWebhook(tx, actor, webhookId);
      check?.(webhook);
      await tx.webhook.delete({ where: { id: webhookId } });
    });
  }

  async listDeliveries(
    { teamId }: Actor,
    webhookId: string,
    query: ListWebhookDeliveries,
  ): Promise<Page<WebhookDelivery>> {
    if (!isId(webhookId)) return { items: [] };
    const { where, ...page } = pageArguments(query);
    const { state } = query;
    const rows = await this.database.webhookDelivery.findMany({
      where: { ...where, teamId, webhookId, state },
      ...page,
    });
    return pageOfRows(rows, query, toDelivery);
  }

  redeliver(
    { teamId }: Actor,
    webhookId: string,
    deliveryId: string,
    now: Date,
  ): Promise<WebhookDelivery | undefined> {
    if (!isId(webhookId) || !isId(deliveryId)) return Promise.resolve(undefined);
    return inTransaction(this.database, async (tx) => {
      const where = { id: deliveryId, webhookId, teamId };
      const [row] = await tx.webhookDelivery.updateManyAndReturn({ where, data: anew(now) });
      if (row === undefined) return undefined;
      await notify(tx, 'webhookDeliveries', '');
      return toDelivery(row);
    });
  }
}

/** Not against those who record events, which only need it to stay. @throws AppError not_found */
async function lockWebhook(tx: Transaction, { teamId }: Actor, webhookId: string): Promise<StoredWebhook> {
  if (!isId(webhookId)) throw notFound('webhook', webhookId);
  await tx.$queryRaw`SELECT id FROM "Webhook" WHERE id = ${webhookId}::uuid FOR NO KEY UPDATE`;
  const row = await tx.webhook.findUnique({ where: { id: webhookId, teamId } });
  if (row === null) throw notFound('webhook', webhookId);
  return toStoredWebhook(row);
}

async function restart(tx: Transaction, webhookId: string, now: Date): Promise<void> {
  await tx.webhookDelivery.updateMany({ where: { webhookId, state: 'pending' }, data: anew(now) });
  await notify(tx, 'webhookDeliveries', '');
}
