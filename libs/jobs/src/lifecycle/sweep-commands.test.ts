import type { AppError } from '#contracts';
import { JobState } from '#contracts';
import { aJob, anActor } from '#testkit';
import { transition } from './transition.js';

const NOW = new Date('2030-01-01T00:00:00.000Z');
const held = () => aJob(anActor(), { state: 'paused', held: true });

test('a held job that is released waits for a worker, with a message of a new generation', () => {
  const { job, messages } = transition(held(), { type: 'release' }, NOW);
  expect([job.state, job.held, job.generation]).toEqual(['queued', undefined, 1]);
  expect(messages).toEqual([{ jobId: job.id, stage: 'train', generation: 1, priority: 0 }]);
});

test('a held job that is to be measured first is at its device once it is released', () => {
  const { job, messages } = transition({ ...held(), stage: 'measure' }, { type: 'release' }, NOW);
  expect([job.state, messages.length]).toEqual(['running', 1]);
});

test.each(JobState.options)('releasing a job that is %s and not held changes nothing', (state) => {
  const job = aJob(anActor(), { state });
  expect(transition(job, { type: 'release' }, NOW).job).toBe(job);
});

test.each(JobState.options)('of a job that is %s, hold is allowed only where nobody is at work', (state) => {
  const job = aJob(anActor(), { state, finishedAt: NOW.toISOString() });
  if (['paused', 'failed', 'cancelled'].includes(state)) {
    const after = transition(job, { type: 'hold' }, NOW);
    expect(after.job).toMatchObject({ state: 'paused', held: true, finishedAt: undefined });
    expect(after.messages).toEqual([]);
    expect(transition(after.job, { type: 'hold' }, NOW).job).toBe(after.job);
  } else {
    const code = expect.objectContaining({ code: 'job_state_conflict' });
    expect(() => transition(job, { type: 'hold' }, NOW)).toThrow(code as AppError);
  }
});

test.each(['pause', 'cancel', 'resume'] as const)(
  'what a user says of a held job counts: %s ends the hold',
  (type) => {
    const { job } = transition(held(), { type }, NOW);
    expect(job.held).toBeUndefined();
    expect(job.state).toBe({ pause: 'paused', cancel: 'cancelled', resume: 'queued' }[type]);
    if (type === 'pause') expect(transition(job, { type: 'release' }, NOW).job).toBe(job);
  },
);

test('a held job gets another priority without a message', () => {
  const { job, messages } = transition(held(), { type: 'prioritise', priority: 5 }, NOW);
  expect([job.priority, job.held, messages]).toEqual([5, true, []]);
});
