import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { newAudit, type Actor, type Webhook, type WebhookDelivery } from '#contracts';
import { transition, type JobInput } from '#jobs';
import type { DriftState } from '#registry';
import { publishDeployment, storedRegistry, testStorage, waitUntil, type TestStorage } from '#testkit';

const now = new Date('2030-01-01T00:00:00.000Z');
const later = (ms: number) => new Date(now.getTime() + ms);

let store: TestStorage;
beforeEach(async () => void (store = await testStorage()));
afterEach(() => store.close());

async function subscribe(changes: Partial<Webhook> = {}, actor: Actor = store.actor): Promise<Webhook> {
  const webhook: Webhook = {
    ...newAudit(actor, randomUUID(), now),
    ...{ url: 'https://a.example/', events: 'all', state: 'enabled', revision: 1 },
    ...changes,
  };
  await store.storage.webhooks.create({ webhook, secret: 'whsec_c2VjcmV0' });
  return webhook;
}
async function deliveriesOf({ id, teamId, owner }: Webhook): Promise<WebhookDelivery[]> {
  const page = await store.storage.webhooks.listDeliveries({ teamId, owner }, id, { limit: 200 });
  return page.items;
}
const typesOf = async (webhook: Webhook) =>
  (await deliveriesOf(webhook)).map(({ type }) => type as string).sort();
const newJob = async () => (await storedRegistry(store.storage).newJob(store.actor)).jobId;
const apply = (jobId: string, input: JobInput, at = now) =>
  store.storage.jobs.update(jobId, (job) => transition(job, input, at));
const begin = (jobId: string, at = now) => apply(jobId, { type: 'begun', stage: 'train', generation: 0 }, at);
const claim = (changes: object = {}) =>
  store.storage.webhookDeliveries.claim({
    ...{ now, leaseExpiresAt: later(60_000), limit: 100, limitPerWebhook: 100 },
    ...changes,
  });

describe('a change and the deliveries that it causes', () => {
  test('are written for the enabled webhooks of the team that want the event', async () => {
    const all = await subscribe();
    const failures = await subscribe({ events: ['job.failed', 'job.cancelled'] });
    const disabled = await subscribe({ state: 'disabled' });
    const foreign = await subscribe({}, store.stranger);
    const jobId = await newJob();
    await begin(jobId);
    const progress = { stage: 'train', step: 1, steps: 2, fraction: 0.5 } as const;
    await apply(jobId, { type: 'progressed', attempt: 1, progress });
    const error = { code: 'training_diverged', fault: 'user', message: 'NaN' } as const;
    await apply(jobId, { type: 'failed', attempt: 1, error, willRetry: false });
    expect(await typesOf(all)).toEqual(['job.failed', 'job.running']);
    expect(await typesOf(failures)).toEqual(['job.failed']);
    expect(await typesOf(disabled)).toEqual([]);
    expect(await typesOf(foreign)).toEqual([]);
  });

  test('are written together or not at all', async () => {
    const webhook = await subscribe();
    const jobId = await newJob();
    const broken = store.storage.jobs.update(jobId, (job) => ({
      ...transition(job, { type: 'begun', stage: 'train', generation: 0 }, now),
      messages: [{ jobId: randomUUID(), stage: 'train', generation: 0, priority: 0 }], // of a job that is not there: written last
    }));
    await expect(broken).rejects.toThrow();
    expect((await store.storage.jobs.load(jobId))!.state).toBe('queued');
    expect(await typesOf(webhook)).toEqual([]);
  });

  test('are one version, one deployment and one alarm, however often they are told', async () => {
    const webhook = await subscribe();
    const deployment = await publishDeployment(storedRegistry(store.storage), store.actor);
    const state: DriftState = { blocks: 1, slower: [], faster: [], pendingMs: [], recentMediansMs: [] };
    const place = { deploymentId: deployment.id, operatingPoint: 'slow', now };
    const drift = (alarm: object) =>
      store.storage.drifts.update(store.actor, place, () => ({ operatingPoint: 'slow', state, ...alarm }));
    await drift({});
    expect(await typesOf(webhook)).toEqual(['deployment.created', 'model.version.published']);
    const alarm = { alarm: { drifted: 'slower', at: now } };
    await Promise.all([drift(alarm), drift(alarm)]);
    expect(await typesOf(webhook)).toEqual([
      'deployment.created',
      'device.recalibration_needed',
      'model.version.published',
    ]);
    const alarmed = (await deliveriesOf(webhook)).find(({ type }) => type === 'device.recalibration_needed');
    expect(JSON.parse(alarmed!.body)).toMatchObject({
      data: {
        deviceId: deployment.deviceId,
        deploymentId: deployment.id,
        model: 'digits',
        drifted: 'slower',
      },
    });
  });

  test('do not fail because a webhook is deleted meanwhile', async () => {
    const [deleted, kept] = [await subscribe(), await subscribe()];
    const jobId = await newJob();
    const client = new pg.Client({ connectionString: store.databaseUrl });
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query('DELETE FROM "Webhook" WHERE id = $1', [deleted.id]);
      const begun = begin(jobId);
      const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await waitUntil('the change waits', async () => (await client.query(waiting)).rowCount === 1);
      await client.query('COMMIT');
      expect((await begun).job.state).toBe('running');
    } finally {
      await client.end();
    }
    expect(await typesOf(kept)).toEqual(['job.running']);
  });
});

describe('the queue of deliveries', () => {
  const fill = async (count: number) => {
    for (let i = 0; i < count; i++) await begin(await newJob(), later(i));
  };

  test('gives a delivery to one claimer, in the order in which they became due', async () => {
    await subscribe();
    await fill(12);
    const at = later(100);
    const claims = await Promise.all([1, 2, 3].map(() => claim({ now: at, limit: 4 })));
    const ids = claims.flat().map(({ id }) => id);
    expect(claims.map(({ length }) => length)).toEqual([4, 4, 4]);
    expect(new Set(ids).size).toBe(12);
    expect(await claim({ now: at })).toEqual([]);
  });

  test('keeps the limit of a webhook over all claimers, and leaves the rest of the room to others', async () => {
    const [slow, other] = [await subscribe(), await subscribe({ events: ['job.running'] })];
    await fill(5);
    const options = { now: later(100), limitPerWebhook: 2 };
    const claims = (await Promise.all([claim(options), claim(options), claim(options)])).flat();
    for (const { id } of [slow, other]) {
      expect(claims.filter(({ webhook }) => webhook.id === id)).toHaveLength(2);
    }
    const [held] = claims;
    await store.storage.webhookDeliveries.release(held!);
    expect((await claim(options)).map(({ id }) => id)).toEqual([held!.id]);
  });

  test('gives again what a claimer did not settle in time, and takes no late word of it', async () => {
    await subscribe();
    await fill(1);
    const [lost] = await claim();
    expect(await claim({ now: later(59_999) })).toEqual([]);
    const [taken] = await claim({ now: later(60_000), leaseExpiresAt: later(120_000) });
    expect(taken).toMatchObject({ id: lost!.id, body: lost!.body, attempts: 0 });
    const { webhookDeliveries } = store.storage;
    const ended = {
      at: now,
      answer: { status: 200, durationMs: 1 },
      verdict: { state: 'succeeded' },
    } as const;
    expect(await webhookDeliveries.settle(lost!, ended)).toBe(false);
    expect(await webhookDeliveries.settle(taken!, ended)).toBe(true);
    expect(await claim({ now: later(1e9) })).toEqual([]);
  });

  test('takes no word of an attempt after the delivery was asked for again or is gone', async () => {
    const webhook = await subscribe();
    await fill(1);
    const { webhooks, webhookDeliveries } = store.storage;
    const ended = {
      at: now,
      answer: { status: 200, durationMs: 1 },
      verdict: { state: 'succeeded' },
    } as const;
    const [first] = await claim();
    await webhooks.redeliver(store.actor, webhook.id, first!.id, now);
    expect(await webhookDeliveries.settle(first!, ended)).toBe(false);
    const [second] = await claim();
    await webhooks.delete(store.actor, webhook.id, () => {});
    expect(await webhookDeliveries.settle(second!, ended)).toBe(false);
  });

  test('forgets those that ended before a time, and none that is to be attempted', async () => {
    const webhook = await subscribe();
    await fill(3);
    const { webhookDeliveries } = store.storage;
    const claimed = await claim({ now: later(10) });
    for (const [i, delivery] of claimed.slice(0, 2).entries())
      await webhookDeliveries.settle(delivery, {
        at: later(1000 * i),
        answer: { status: 200, durationMs: 1 },
        verdict: { state: 'succeeded' },
      });
    await webhookDeliveries.forget(later(500));
    const states = (await deliveriesOf(webhook)).map(({ state }) => state);
    expect(states.toSorted()).toEqual(['pending', 'succeeded']);
  });

  test('gives nothing of a disabled webhook', async () => {
    const webhook = await subscribe();
    await fill(1);
    await store.storage.webhooks.update(store.actor, webhook.id, (before) => ({
      ...before,
      webhook: { ...before.webhook, state: 'disabled' },
    }));
    expect(await claim()).toEqual([]);
  });
});

test('applies changes of one webhook one after the other, and none that is refused', async () => {
  const { id } = await subscribe();
  const { webhooks } = store.storage;
  const rename = () =>
    webhooks.update(store.actor, id, ({ webhook, ...secrets }) => ({
      ...secrets,
      webhook: { ...webhook, revision: webhook.revision + 1 },
    }));
  await Promise.all([rename(), rename(), rename()]);
  const refused = webhooks.update(store.actor, id, () => {
    throw new Error('another revision');
  });
  await expect(refused).rejects.toThrow('another revision');
  expect((await webhooks.find(store.actor, id))!.webhook.revision).toBe(4);
  expect(await webhooks.find(store.stranger, id)).toBeUndefined();
  expect(await webhooks.find(store.actor, 'no id')).toBeUndefined();
});

test('wakes those who deliver when something is due', async () => {
  await subscribe();
  const jobId = await newJob();
  const woken = new Promise<void>((resolve) => {
    store.storage.wakeups.onWebhookDeliveries(resolve);
  });
  await begin(jobId);
  await woken;
});
