const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Upper bounds of durations that users wait for, in seconds: of jobs, and of their stages. */
export const JOB_SECONDS: readonly number[] = [
  1,
  5,
  15,
  30,
  MINUTE,
  ...[2, 5, 10, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 4, 8, 24, 72].map((hours) => hours * HOUR),
];

/** Of HTTP requests. */
export const HTTP_SECONDS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Of one step of a training: from tiny networks to large ones on a CPU. */
export const STEP_SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
