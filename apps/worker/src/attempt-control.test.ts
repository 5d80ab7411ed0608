import type { Job } from '#contracts';
import type { JobWakeups } from '#jobs';
import { aJob, anActor, waitUntil } from '#testkit';
import { AttemptControl, AttemptEnded, type AttemptControlParts } from './attempt-control.js';

/** An attempt at a job that a test changes, and tells of or not. */
function controlled(changes: Partial<AttemptControlParts> = {}) {
  const began = aJob(anActor(), { state: 'running', attempt: 2 });
  let job: Job | undefined = began;
  const listeners = new Set<() => void>();
  const wakeups: JobWakeups = {
    onJobEvents: (id, listener) => {
      expect(id).toBe(began.id);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onOutbox: () => () => {},
  };
  const leaving = new AbortController();
  const errors: unknown[] = [];
  const control = new AttemptControl({ job: began, attempt: 2 }, leaving.signal, {
    ...{ wakeups, pollMs: 60_000, drainMs: 60_000 },
    jobs: { load: () => Promise.resolve(job) },
    onError: (error) => errors.push(error),
    ...changes,
  });
  const become = (to: Partial<Job>) => {
    job = { ...began, ...to };
    for (const listener of listeners) listener();
  };
  return { control, become, leaving, listeners, errors, began };
}

const whyOf = ({ kill }: AttemptControl) => kill.reason instanceof AttemptEnded && kill.reason.why;

test('a job that is to pause has its attempt keep a checkpoint and end', async () => {
  const { control, become } = controlled();
  become({ progress: { stage: 'train', step: 1, steps: 2, fraction: 0.5 } });
  become({ state: 'pausing' });
  await waitUntil('the stop', () => control.stop.aborted);
  expect(control.kill.aborted).toBe(false);
  control.close();
});

test('a job that is cancelled has its attempt end at once, also while it keeps its last checkpoint', async () => {
  const { control, become } = controlled();
  become({ state: 'pausing' });
  await waitUntil('the stop', () => control.stop.aborted);
  become({ state: 'cancelling' });
  await waitUntil('the end', () => control.kill.aborted);
  expect(whyOf(control)).toBe('cancelled');
  control.close();
});

test.each<[string, Partial<Job>]>([
  ['began again by another worker', { attempt: 3 }],
  ['queued again', { state: 'queued' }],
  ['paused under it', { state: 'paused' }],
  ['over', { state: 'failed' }],
  ['in another stage', { stage: 'publish' }],
])('a job that is %s is not its attempt’s any more', async (_, to) => {
  const { control, become } = controlled();
  become(to);
  await waitUntil('the end', () => control.kill.aborted);
  expect(whyOf(control)).toBe('superseded');
  expect(control.stop.aborted).toBe(false);
  control.close();
});

test('a change whose wake-up got lost is found all the same', async () => {
  const { control, become, listeners } = controlled({ pollMs: 5 });
  listeners.clear();
  become({ state: 'cancelling' });
  await waitUntil('the end', () => control.kill.aborted);
  control.close();
});

test('a job that cannot be looked at now is looked at again', async () => {
  let looks = 0;
  const { control, errors } = controlled({
    pollMs: 5,
    jobs: {
      load: () =>
        ++looks < 3
          ? Promise.reject(new Error('the database went away'))
          : Promise.resolve(aJob(anActor(), { state: 'cancelling', attempt: 2 })),
    },
  });
  await waitUntil('the end', () => control.kill.aborted);
  expect(errors).toHaveLength(2);
  control.close();
});

test('a worker that goes has a checkpoint kept, for so long as it waits', async () => {
  const { control, leaving } = controlled({ drainMs: 20 });
  leaving.abort();
  expect([control.stop.aborted, control.kill.aborted]).toEqual([true, false]);
  await waitUntil('the end', () => control.kill.aborted);
  expect(whyOf(control)).toBe('drained');
  control.close();
});

test('an attempt that begins while its worker goes is told so', () => {
  const { control } = controlledLeaving();
  expect(control.stop.aborted).toBe(true);
  control.close();
});

function controlledLeaving() {
  const wakeups: JobWakeups = { onJobEvents: () => () => {}, onOutbox: () => () => {} };
  const job = aJob(anActor(), { state: 'running', attempt: 1 });
  const parts = { wakeups, drainMs: 60_000, jobs: { load: () => Promise.resolve(job) }, onError: () => {} };
  return { control: new AttemptControl({ job, attempt: 1 }, AbortSignal.abort(), parts) };
}

test('nothing is watched once the attempt is over', () => {
  const { control, listeners, leaving } = controlled();
  control.close();
  expect(listeners.size).toBe(0);
  leaving.abort();
  expect(control.stop.aborted).toBe(false);
});
