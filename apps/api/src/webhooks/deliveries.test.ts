import { pino } from 'pino';
import { waitUntil } from '#testkit';
import { deliverDue } from './deliver-due.fixture.js';
import { answers, verified, type Receiver } from './receiver.fixture.js';
import { startDeliveries } from './start-deliveries.js';
import { WebhookWorld } from './webhook-world.fixture.js';

const [SECOND, HOUR] = [1_000, 3_600_000];

let world: WebhookWorld;
let receiver: Receiver;
beforeEach(async () => {
  world = await WebhookWorld.open();
  receiver = await world.receiver();
});
afterEach(() => world.close());

const deliver = () => deliverDue(world.process().deliverer);
const enable = (id: string) => world.process().service.update(world.store.actor, id, { state: 'enabled' });
const read = (id: string) => world.process().service.get(world.store.actor, id);

test('delivers an event once, signed as the library of the standard expects', async () => {
  const webhook = await world.subscribe(receiver.url);
  const jobId = await world.beginJob();
  await deliver();
  await deliver();
  expect(receiver.received).toHaveLength(1);
  const [request] = receiver.received;
  expect(verified(webhook.secret, request!)).toEqual({
    type: 'job.running',
    timestamp: world.clock.now.toISOString(),
    data: {
      ...{ jobId, sequence: 2, model: 'digits', ratios: [0, 0.5] },
      ...{ state: 'running', stage: 'train', attempt: 1 },
    },
  });
  expect(request!.headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-timestamp': String(Math.floor(world.clock.now.getTime() / 1000)),
  });
  const [delivery] = await world.deliveries(webhook);
  expect(delivery).toMatchObject({ state: 'succeeded', attempts: 1, lastAnswer: { status: 204 } });
  expect(delivery!.id).toBe(receiver.ids[0]);
  expect(delivery).not.toHaveProperty('nextAttemptAt');
});

test('tries again by the schedule, under the same id, until the receiver works', async () => {
  const webhook = await world.subscribe(receiver.url);
  await world.beginJob();
  receiver.reply = answers(500, 'out of order');
  await deliver();
  const [first] = await world.deliveries(webhook);
  expect(first).toMatchObject({
    ...{ state: 'pending', attempts: 1, lastAttemptAt: world.clock.now.toISOString() },
    lastAnswer: { status: 500, responseExcerpt: 'out of order', durationMs: expect.any(Number) },
  });
  const waitMs = Date.parse(first!.nextAttemptAt!) - world.clock.now.getTime();
  expect(waitMs).toBeGreaterThanOrEqual(5 * SECOND);
  expect(waitMs).toBeLessThanOrEqual(6 * SECOND);

  await deliver();
  expect(receiver.received).toHaveLength(1);
  world.later(6 * SECOND);
  await deliver();
  receiver.reply = answers(200);
  world.later(360 * SECOND);
  await deliver();
  expect(new Set(receiver.ids).size).toBe(1);
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  expect(receiver.received).toHaveLength(3);
  for (const request of receiver.received) verified(webhook.secret, request);
  expect((await world.deliveries(webhook))[0]).toMatchObject({ state: 'succeeded', attempts: 3 });
});

test('waits as long as a receiver asks for', async () => {
  const webhook = await world.subscribe(receiver.url);
  await world.beginJob();
  receiver.reply = answers(503, '', { 'retry-after': '120' });
  await deliver();
  const [delivery] = await world.deliveries(webhook);
  expect(Date.parse(delivery!.nextAttemptAt!)).toBe(world.clock.now.getTime() + 120 * SECOND);
});

test('two processes share the deliveries: each event arrives once, four at a time', async () => {
  const other = await world.receiver();
  await world.subscribe(receiver.url);
  await world.subscribe(other.url);
  await world.beginJobs(15);
  const reply = answers(204);
  receiver.reply = (response, received) => void setImmediate(() => reply(response, received));
  await Promise.all([deliver(), deliver()]);
  for (const { ids, mostAtOnce } of [receiver, other]) {
    expect([ids.length, new Set(ids).size]).toEqual([15, 15]);
    expect(mostAtOnce).toBeLessThanOrEqual(4);
  }
});

test('a receiver that hangs holds up no other', async () => {
  const hanging = await world.receiver();
  const slow = await world.subscribe(hanging.url);
  await world.subscribe(receiver.url);
  hanging.reply = () => {};
  await world.beginJobs(10);
  const { storage } = world.store;
  const running = startDeliveries(world.process().deliverer, storage.wakeups, pino({ level: 'silent' }));
  await waitUntil('the other receiver has everything', () => receiver.received.length === 10);
  expect(hanging.received).toHaveLength(4);
  expect((await world.deliveries(slow)).every(({ attempts }) => attempts === 0)).toBe(true);
  hanging.close();
  await running.stop();
});

test('gives up on an answer that does not come', async () => {
  const webhook = await world.subscribe(receiver.url);
  receiver.reply = () => {};
  await world.beginJob();
  await deliverDue(world.process(100).deliverer);
  expect((await world.deliveries(webhook))[0]).toMatchObject({
    ...{ state: 'pending', attempts: 1 },
    lastAnswer: { error: 'no answer within 100 ms' },
  });
});

test('takes over what a killed process had claimed once its lease has run out, and refuses its late word', async () => {
  const webhook = await world.subscribe(receiver.url);
  await world.beginJob();
  const { webhookDeliveries } = world.store.storage;
  const { now } = world.clock;
  const leaseExpiresAt = new Date(now.getTime() + 60 * SECOND);
  const [killed] = await webhookDeliveries.claim({ now, leaseExpiresAt, limit: 9, limitPerWebhook: 9 });
  await deliver();
  expect(receiver.received).toHaveLength(0);
  world.later(61 * SECOND);
  await deliver();
  expect(receiver.ids).toEqual([killed!.id]);
  const attempt = {
    at: now,
    answer: { durationMs: 1 },
    verdict: { state: 'pending', nextAttemptAt: now },
  } as const;
  expect(await webhookDeliveries.settle(killed!, attempt)).toBe(false);
  expect((await world.deliveries(webhook))[0]).toMatchObject({ state: 'succeeded', attempts: 1 });
});

test('leaves to others what it could not end before it stops', async () => {
  const webhook = await world.subscribe(receiver.url);
  await world.beginJob();
  receiver.reply = () => {};
  const { deliverer } = world.process();
  await deliverer.begin();
  await waitUntil('the request is there', () => receiver.received.length === 1);
  await deliverer.stop(0);
  expect((await world.deliveries(webhook))[0]).toMatchObject({ state: 'pending', attempts: 0 });
  receiver.reply = answers(200);
  await deliver();
  expect(new Set(receiver.ids).size).toBe(1);
  expect((await world.deliveries(webhook))[0]).toMatchObject({ state: 'succeeded', attempts: 1 });
  expect(await deliverer.begin()).toBe(0);
});

test('signs with both secrets for a day after a rotation', async () => {
  const { id, secret } = await world.subscribe(receiver.url);
  const { service } = world.process();
  const renewed = await service.rotateSecret(world.store.actor, id, { previousValidHours: 24 });
  expect(renewed.secret).not.toBe(secret);
  await world.beginJob();
  await deliver();
  world.later(25 * HOUR);
  await world.beginJob();
  await deliver();
  const [during, after] = receiver.received;
  for (const known of [secret, renewed.secret]) verified(known, during!);
  verified(renewed.secret, after!);
  expect(() => verified(secret, after!)).toThrow('No matching signature');
});

test('a rotation may end the old secret at once', async () => {
  const { id, secret } = await world.subscribe(receiver.url);
  await world.process().service.rotateSecret(world.store.actor, id, { previousValidHours: 0 });
  await world.beginJob();
  await deliver();
  expect(() => verified(secret, receiver.received[0]!)).toThrow('No matching signature');
});

test('410 disables; what waits goes out when the webhook is enabled again', async () => {
  const webhook = await world.subscribe(receiver.url);
  receiver.reply = answers(500);
  await world.beginJob();
  await deliver();
  receiver.reply = answers(410);
  await world.beginJob();
  await deliver();
  expect(await read(webhook.id)).toMatchObject({
    ...{ state: 'disabled', disabledReason: 'gone', revision: 2, disabledAt: world.clock.now.toISOString() },
  });
  await world.beginJob(); // nobody is to be told
  world.later(24 * HOUR);
  receiver.reply = answers(200);
  await deliver();
  expect(receiver.received).toHaveLength(2);

  const enabled = await enable(webhook.id);
  expect(enabled).toMatchObject({ state: 'enabled', revision: 3 });
  expect(enabled).not.toHaveProperty('disabledReason');
  await deliver();
  const states = (await world.deliveries(webhook)).map(({ state }) => state).sort();
  expect(states).toEqual(['failed', 'succeeded']);
});

test('disables a webhook after ten failed attempts of a delivery over three days', async () => {
  const webhook = await world.subscribe(receiver.url);
  receiver.reply = answers(500);
  await world.beginJob();
  const begun = world.clock.now.getTime();
  for (let attempt = 1; attempt <= 10; attempt++) {
    expect((await read(webhook.id)).state).toBe('enabled');
    await deliver();
    expect(receiver.received).toHaveLength(attempt);
    const [{ nextAttemptAt } = {}] = await world.deliveries(webhook);
    if (nextAttemptAt !== undefined) world.clock.now = new Date(nextAttemptAt);
  }
  expect((await world.deliveries(webhook))[0]).toMatchObject({ state: 'failed', attempts: 10 });
  expect(await read(webhook.id)).toMatchObject({ state: 'disabled', disabledReason: 'failing' });
  const hours = (world.clock.now.getTime() - begun) / HOUR;
  expect(hours).toBeGreaterThan(75);
  expect(hours).toBeLessThan(91);
});

test('a delivery that fails to the end disables nothing where another one succeeded', async () => {
  const webhook = await world.subscribe(receiver.url);
  const refused = await world.beginJob();
  receiver.reply = (response, { body }) =>
    answers(body.includes(refused) ? 500 : 200)(response, { body, headers: {} });
  for (let attempt = 1; attempt <= 10; attempt++) {
    await deliver();
    if (attempt === 5) await world.beginJob();
    world.later(30 * HOUR);
  }
  const states = (await world.deliveries(webhook)).map(({ state }) => state).sort();
  expect(states).toEqual(['failed', 'succeeded']);
  expect((await read(webhook.id)).state).toBe('enabled');
});

test('follows no redirect', async () => {
  const elsewhere = await world.receiver();
  const webhook = await world.subscribe(receiver.url);
  receiver.reply = answers(307, '', { location: elsewhere.url });
  await world.beginJob();
  await deliver();
  expect(elsewhere.received).toHaveLength(0);
  expect((await world.deliveries(webhook))[0]).toMatchObject({
    state: 'pending',
    lastAnswer: { status: 307 },
  });
});

test('delivers once more what is asked for again, under the same id', async () => {
  const webhook = await world.subscribe(receiver.url);
  await world.beginJob();
  await deliver();
  const [{ id } = { id: '' }] = await world.deliveries(webhook);
  const again = await world.process().service.redeliver(world.store.actor, webhook.id, id);
  expect(again).toMatchObject({ id, state: 'pending', attempts: 0 });
  await deliver();
  expect(receiver.ids).toEqual([id, id]);
});
