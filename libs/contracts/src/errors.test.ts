import { ERROR_CODES } from './errors.js';

const kinds = Object.entries(ERROR_CODES);

test('faults of the infrastructure that may pass are tried again, and no others of jobs', () => {
  const retried = kinds.filter(([, { retry }]) => retry).map(([code]) => code);
  // Of requests, not of jobs: the same request is still being answered.
  expect(retried).toEqual(['request_in_progress', 'training_crashed', 'engine_unavailable', 'unavailable']);
});

test('no fault of a user or a device makes a job try again', () => {
  const others = kinds.filter(
    ([code, { fault }]) => fault !== 'infrastructure' && code !== 'request_in_progress',
  );
  expect(others.filter(([, { retry }]) => retry)).toEqual([]);
});
