import fc from 'fast-check';
import { FINAL_JOB_STATES, JobState } from '#contracts';
import { endState, failedOf, openState, releasable } from './sweep-states.js';

const jobs = (...states: JobState[]) => states.map((state) => ({ state }));
const heldJob = { state: 'paused', held: true } as const;

test('an open sweep is paused when all that is left of it is', () => {
  expect(openState(jobs('paused', 'succeeded'))).toBe('paused');
  expect(openState(jobs('paused', 'pausing'))).toBe('running');
  expect(openState([...jobs('paused'), heldJob])).toBe('running');
});

test('a sweep ends as its jobs did', () => {
  expect(endState(jobs('succeeded', 'succeeded'))).toBe('succeeded');
  expect(endState(jobs('succeeded', 'failed', 'cancelled'))).toBe('failed');
  expect(endState(jobs('succeeded', 'cancelled'))).toBe('cancelled');
  expect(failedOf(jobs('succeeded', 'running'))).toBeUndefined();
  expect(failedOf(jobs('failed', 'running'))).toBe('some');
  expect(failedOf(jobs('failed', 'failed'))).toBe('all');
});

test('no more jobs are released than may be at work, in their order', () => {
  const job = fc.record({
    state: fc.constantFrom(...JobState.options),
    held: fc.constantFrom(true as const, undefined),
  });
  const all = fc.array(job).map((some) => some.map(({ state, held }) => (held ? heldJob : { state })));
  fc.assert(
    fc.property(all, fc.integer({ min: 1, max: 8 }), (some, most) => {
      const released = releasable(some, most);
      const idle: JobState[] = [...FINAL_JOB_STATES, 'paused'];
      const atWork = some.filter(({ state }) => !idle.includes(state)).length;
      const waiting = some.filter((one) => 'held' in one);
      expect(released).toEqual(waiting.slice(0, released.length));
      expect(released.length).toBe(Math.min(waiting.length, Math.max(0, most - atWork)));
    }),
  );
});
