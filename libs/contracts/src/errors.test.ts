import { ERROR_CODES } from './errors.js';

const kinds = Object.entries(ERROR_CODES);
/** Told to clients alone, which may send the same again later; no job fails by them. */
const OF_REQUESTS = ['rate_limited', 'request_in_progress'];

test('faults of the infrastructure that may pass are tried again, and no others of jobs', () => {
  const retried = kinds.filter(([, { retry }]) => retry).map(([code]) => code);
  const ofJobs = retried.filter((code) => !OF_REQUESTS.includes(code));
  expect(ofJobs).toEqual(['training_crashed', 'engine_unavailable', 'unavailable']);
});

test('no fault of a user or a device makes a job try again', () => {
  const others = kinds.filter(
    ([code, { fault }]) => fault !== 'infrastructure' && !OF_REQUESTS.includes(code),
  );
  expect(others.filter(([, { retry }]) => retry)).toEqual([]);
});
