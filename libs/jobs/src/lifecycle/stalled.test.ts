import { aJob, anActor } from '#testkit';
import { placeOf } from './job-place.js';
import { transition } from './transition.js';

const NOW = new Date('2030-01-01T00:00:00.000Z');
const reason = 'worker "big" was lost: no worker is alive';
const job = aJob(anActor(), { state: 'running', attempt: 1 });
const place = placeOf(job);
const stalled = transition(job, { type: 'stalled', place, reason }, NOW);

test('a job that nobody is at work on says why, once per reason, and stays where it is', () => {
  expect(stalled.job).toMatchObject({ state: 'running', waiting: { reason, since: NOW.toISOString() } });
  expect(stalled.events).toEqual([{ type: 'waiting', reason }]);
  expect(transition(stalled.job, { type: 'stalled', place, reason }, NOW).job).toBe(stalled.job);
});

test.each<[string, Parameters<typeof transition>[1]]>([
  ['somebody is at work on it again', { type: 'stalled', place, reason: undefined }],
  [
    'its worker was only late',
    { type: 'logged', attempt: 1, record: 1, log: { level: 'info', message: 'hm' } },
  ],
  ['another worker begins', { type: 'begun', stage: 'train', generation: 0 }],
])('it says so no more once %s', (_, input) => {
  expect(transition(stalled.job, input, NOW).job.waiting).toBeUndefined();
});

test('one that has gone on since it was seen says nothing', () => {
  const begunAgain = { ...job, attempt: 2 };
  expect(transition(begunAgain, { type: 'stalled', place, reason }, NOW).job).toBe(begunAgain);
  const ended = { ...job, state: 'succeeded' as const };
  expect(transition(ended, { type: 'stalled', place, reason }, NOW).job).toBe(ended);
});
