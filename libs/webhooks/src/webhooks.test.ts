import { randomUUID } from 'node:crypto';
import { Webhook as Reference } from 'standardwebhooks';
import { newAudit, type JobEvent, type JobState, type Webhook } from '#contracts';
import { aDeployment, aJob, aModelVersion, anActor } from '#testkit';
import { jobWebhookEvents } from './job-events.js';
import { judgeAttempt } from './judge-attempt.js';
import { MAX_ATTEMPTS, retryDelayMs } from './retry-schedule.js';
import { secretOf, signedHeaders } from './sign.js';
import { versionWebhookEvents } from './version-events.js';
import { eventBody } from './webhook-event.js';

const actor = anActor();
const now = new Date('2030-01-01T00:00:00.000Z');

describe('the retry schedule', () => {
  test('spreads ten attempts over about three days', () => {
    const waits = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, attempts) => retryDelayMs(attempts, 0)!);
    const hours = waits.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
    expect([MAX_ATTEMPTS, waits[0]]).toEqual([10, 5_000]);
    expect(hours).toBeCloseTo(75.58, 1);
    expect(retryDelayMs(MAX_ATTEMPTS - 1, 0)).toBeUndefined();
  });

  test('adds up to a fifth, so that what failed together does not come back together', () => {
    expect([0, 0.5, 1].map((random) => retryDelayMs(0, random))).toEqual([5_000, 5_500, 6_000]);
  });
});

describe('judging an attempt', () => {
  const judge = (status: number | undefined, attempts = 0, retryAfterMs?: number) =>
    judgeAttempt({
      ...{ attempts, now, random: 0 },
      response: {
        answer: { durationMs: 1, ...(status === undefined ? {} : { status }) },
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      },
    });
  const after = (ms: number) => ({ state: 'pending', nextAttemptAt: new Date(now.getTime() + ms) });

  test.each([200, 202, 204, 299])('%i is success', (status) => {
    expect(judge(status)).toEqual({ state: 'succeeded' });
  });

  test.each([undefined, 199, 300, 302, 400, 404, 429, 500, 503])('%p is tried again', (status) => {
    expect(judge(status)).toEqual(after(5_000));
  });

  test('410 is the end of the webhook, the last failure the end of the delivery', () => {
    expect(judge(410)).toEqual({ state: 'failed', webhook: 'gone' });
    expect(judge(500, MAX_ATTEMPTS - 1)).toEqual({ state: 'failed', webhook: 'failing' });
  });

  test('a receiver may ask for a longer wait, of a day at most, and not for a shorter one', () => {
    expect(judge(429, 0, 60_000)).toEqual(after(60_000));
    expect(judge(429, 1, 1_000)).toEqual(after(300_000));
    expect(judge(429, 0, 1e12)).toEqual(after(24 * 3_600_000));
  });
});

test('signs as the library of the standard does', () => {
  const secret = secretOf(new Uint8Array(32).fill(7));
  const webhook: Webhook = {
    ...newAudit(actor, randomUUID(), now),
    ...{ url: 'https://a.example', events: 'all', state: 'enabled', revision: 1 },
  };
  const [id, body] = [randomUUID(), '{"text":"größer"}'];
  expect(signedHeaders({ webhook, secret }, { id, body, at: now })).toEqual({
    'webhook-id': id,
    'webhook-timestamp': String(now.getTime() / 1000),
    'webhook-signature': new Reference(secret).sign(id, now, body),
  });
});

describe('events', () => {
  const stateEvent = (state: string, more = {}): JobEvent => ({
    ...{ type: 'state', state: state as JobState, stage: 'train', attempt: 1 },
    ...more,
  });

  test('are the states of a job that have a type, numbered as the events of the job', () => {
    const job = aJob(actor, { deviceId: randomUUID() });
    const error = { code: 'training_diverged', fault: 'user', message: 'NaN' } as const;
    const events: JobEvent[] = [
      { type: 'accuracy', ratio: 0, accuracy: 0.9 },
      ...['queued', 'paused', 'cancelled'].map((state) => stateEvent(state)),
      stateEvent('failed', { error }),
    ];
    const made = jobWebhookEvents(job, events, 7);
    expect(made.map(({ type, key }) => [type, key])).toEqual([
      ['job.paused', `job/${job.id}/10`],
      ['job.cancelled', `job/${job.id}/11`],
      ['job.failed', `job/${job.id}/12`],
    ]);
    expect(made[2]).toMatchObject({
      ...{ teamId: actor.teamId, at: job.updatedAt },
      data: { jobId: job.id, deviceId: job.deviceId, sequence: 12, state: 'failed', error },
    });
    expect(made[2]!.data).not.toHaveProperty('spec');
  });

  test('are a version and its deployments, in short', () => {
    const bare = aModelVersion(actor, {
      ...{ jobId: randomUUID(), datasetId: randomUUID(), datasetDigest: 'e'.repeat(64) },
    });
    const [deviceId, calibrationId, latencyTableId] = [randomUUID(), randomUUID(), randomUUID()];
    const deployment = aDeployment(bare, { deviceId, deviceName: 'phone', calibrationId, latencyTableId });
    const events = versionWebhookEvents({ ...bare, deployments: [deployment] });
    expect(events.map(({ type }) => type)).toEqual(['model.version.published', 'deployment.created']);
    expect(events[0]!.data).toMatchObject({
      model: 'digits',
      version: 1,
      ratios: [{ ratio: 0 }, { ratio: 0.5 }],
    });
    expect(events[1]!.data).toMatchObject({
      ...{ deploymentId: deployment.id, deviceId, operatingPoints: 1, operatingPointsWithinTolerance: 1 },
    });
    for (const event of events) expect(eventBody(event).length).toBeLessThan(1_000);
  });
});
