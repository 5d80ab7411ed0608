import { newAudit, type Job, type ModelAddendum } from '#contracts';
import { aCandidate, aJob, anActor } from '#testkit';
import { transition } from './transition.js';

const NOW = new Date('2030-01-01T00:00:00.000Z');
const derivation = { model: 'digits', version: 3, ratios: [0.2] };
const queued = aJob(anActor(), { stage: 'derive', derivation, ratios: [0.2] });
const begin = { type: 'begun', stage: 'derive', generation: 0 } as const;
const running = transition(queued, begin, NOW).job;
const addendum: ModelAddendum = {
  ...newAudit(queued, '11111111-1111-4111-8111-111111111111', NOW),
  ...{ model: 'digits', version: 3, digest: 'c'.repeat(64), bytes: 10, url: '/', testImages: 200 },
  ratios: [{ ...aCandidate().ratios[1]!, ratio: 0.2, derived: true }],
  jobId: queued.id,
};
const derived = (job: Job, attempt = 1) => transition(job, { type: 'derived', attempt, addendum }, NOW);

test('a job that derives ratios ends with its addendum, told with the accuracy of each', () => {
  expect(running).toMatchObject({ state: 'running', stage: 'derive', attempt: 1 });
  const { job, events, messages } = derived(running);
  expect(job).toMatchObject({ state: 'succeeded', derivation: { ...derivation, addendum: addendum.digest } });
  expect(events.map(({ type }) => type)).toEqual(['accuracy', 'state']);
  expect(messages).toEqual([]);
  expect(derived(job).job).toBe(job);
});

test('an attempt that lost its job adds nothing; what is added counts though a stop was asked for', () => {
  const taken = transition({ ...running, state: 'queued' }, begin, NOW).job;
  expect(() => derived(taken)).toThrow(/no longer holds job/);
  for (const command of ['pause', 'cancel'] as const) {
    const stopping = transition(running, { type: command }, NOW).job;
    expect(stopping.state).toBe(command === 'pause' ? 'pausing' : 'cancelling');
    expect(derived(stopping).job.state).toBe('succeeded');
  }
});

test('it is paused, resumed and retried as others are, and has nothing to continue with', () => {
  const paused = transition(queued, { type: 'pause' }, NOW).job;
  const resumed = transition(paused, { type: 'resume' }, NOW);
  expect(resumed.messages).toMatchObject([{ stage: 'derive', generation: 1 }]);
  const cancelled = transition(queued, { type: 'cancel' }, NOW).job;
  expect(transition(cancelled, { type: 'retry' }, NOW).job).toMatchObject({
    state: 'queued',
    stage: 'derive',
  });
  const done = derived(running).job;
  expect(() => transition(done, { type: 'continue', until: 'publish' }, NOW)).toThrow(/cannot be continued/);
});
