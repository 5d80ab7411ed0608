import type { AppError, Job, JobError, JobStage, VerifiedPoint } from '#contracts';
import { aCandidate, aJob, anActor } from '#testkit';
import type { JobInput } from './job-input.js';
import { placeOf } from './job-place.js';
import { VERIFICATION_ROUNDS } from './stage-results.js';
import { submission, transition } from './transition.js';

const NOW = new Date('2030-01-01T00:00:00.000Z');
const TASK = '11111111-1111-4111-8111-111111111111';
const error: JobError = { code: 'training_diverged', fault: 'user', message: 'loss is NaN' };
const candidate = aCandidate();
const progress = (stage: JobStage) => ({ stage, step: 1, steps: 10, fraction: 0.1 });

const actor = anActor();
const withDevice = { deviceId: '22222222-2222-4222-8222-222222222222' };
const trained = { candidate, attempt: 1 };
const best = { ratio: 0.5, measuredMs: 9 };
const HELD: VerifiedPoint[] = [{ operatingPoint: 'fast', best, held: true }];
const OPEN: VerifiedPoint[] = [{ operatingPoint: 'fast', best, held: false, nextRatio: 0.4 }];
const EARLIER = '33333333-3333-4333-8333-333333333333';
const onceMeasured = { rounds: 1, measuringTaskIds: [EARLIER], points: OPEN };
/** Every situation that a job can be in. */
const SITUATIONS = {
  'waiting to train': aJob(actor),
  training: aJob(actor, { state: 'running', attempt: 1, progress: progress('train') }),
  'waiting to train again': aJob(actor, { state: 'queued', attempt: 1 }),
  'to be verified': aJob(actor, { ...withDevice, ...trained, state: 'running', stage: 'verify' }),
  'being measured': aJob(actor, {
    ...withDevice,
    ...trained,
    state: 'running',
    stage: 'verify',
    measuringTaskId: TASK,
  }),
  'waiting to be adjusted': aJob(actor, {
    ...{ ...withDevice, ...trained, verification: onceMeasured },
    ...{ state: 'queued', stage: 'adjust' },
  }),
  adjusting: aJob(actor, {
    ...{ ...withDevice, ...trained, verification: onceMeasured },
    ...{ state: 'running', stage: 'adjust', attempt: 2 },
  }),
  'to be verified again': aJob(actor, {
    ...{ ...withDevice, ...trained, verification: onceMeasured },
    ...{ state: 'running', stage: 'verify', attempt: 2 },
  }),
  'waiting to be published': aJob(actor, { ...trained, state: 'queued', stage: 'publish' }),
  publishing: aJob(actor, { ...trained, state: 'running', stage: 'publish', attempt: 2 }),
  succeeded: aJob(actor, { ...trained, state: 'succeeded', stage: 'publish', attempt: 2, version: 3 }),
  failed: aJob(actor, { state: 'failed', attempt: 1, error }),
  cancelled: aJob(actor, { state: 'cancelled', attempt: 1 }),
  paused: aJob(actor, { state: 'paused', attempt: 1 }),
  'asked to pause': aJob(actor, { state: 'pausing', attempt: 1 }),
  'asked to cancel': aJob(actor, { state: 'cancelling', attempt: 1 }),
  'asked to pause, on the device': aJob(actor, {
    ...{ ...withDevice, ...trained, measuringTaskId: TASK },
    ...{ state: 'pausing', stage: 'verify' },
  }),
} satisfies Record<string, Job>;
type Situation = keyof typeof SITUATIONS;

/** The current attempt is the job's own; the old one is 0 or that of an earlier stage. */
const INPUTS = {
  'begin train': () => ({ type: 'begun', stage: 'train', generation: 0 }),
  'begin verify': () => ({ type: 'begun', stage: 'verify', generation: 0 }),
  'begin adjust': () => ({ type: 'begun', stage: 'adjust', generation: 0 }),
  'begin publish': () => ({ type: 'begun', stage: 'publish', generation: 0 }),
  progress: (job) => ({ type: 'progressed', attempt: job.attempt, progress: progress(job.stage) }),
  resumed: (job) => ({ type: 'resumed', attempt: job.attempt, record: 1, progress: progress(job.stage) }),
  log: (job) => ({ type: 'logged', attempt: job.attempt, record: 1, log: { level: 'warn', message: 'oh' } }),
  trained: (job) => ({ type: 'trained', attempt: job.attempt, candidate: otherCandidate }),
  'trained again': () => ({ type: 'trained', attempt: 1, candidate }),
  'measuring requested': (job) => ({
    type: 'measuring-requested',
    place: placeOf(job),
    measuringTaskId: TASK,
  }),
  'measured, held': () => ({ type: 'measured', measuringTaskId: TASK, points: HELD }),
  'measured, open': () => ({ type: 'measured', measuringTaskId: TASK, points: OPEN }),
  'measured by another task': () => ({ type: 'measured', measuringTaskId: 'other', points: HELD }),
  'measured in an earlier round': () => ({ type: 'measured', measuringTaskId: EARLIER, points: HELD }),
  adjusted: (job) => ({ type: 'adjusted', attempt: job.attempt, candidate: otherCandidate }),
  'verification failed': () => ({ type: 'measuring-failed', measuringTaskId: TASK, error }),
  published: (job) => ({ type: 'published', attempt: job.attempt, version: 3 }),
  'failed for good': (job) => ({ type: 'failed', attempt: job.attempt, error, willRetry: false }),
  'failed, to be retried': (job) => ({ type: 'failed', attempt: job.attempt, error, willRetry: true }),
  'given up': (job) => ({ type: 'given-up', place: placeOf(job), error }),
  'given up in an earlier stage': (job) => ({
    type: 'given-up',
    place: { ...placeOf(job), stage: 'measure' },
    error,
  }),
  'given up in an earlier attempt': (job) => ({
    type: 'given-up',
    place: { ...placeOf(job), attempt: -1 },
    error,
  }),
  stopped: (job) => ({ type: 'stopped', attempt: job.attempt }),
  released: (job) => ({ type: 'released', attempt: job.attempt, reason: 'the worker goes' }),
  cancel: () => ({ type: 'cancel' }),
  pause: () => ({ type: 'pause' }),
  resume: () => ({ type: 'resume' }),
  retry: () => ({ type: 'retry' }),
} satisfies Record<string, (job: Job) => JobInput>;
type InputName = keyof typeof INPUTS;
const otherCandidate = aCandidate({ bundle: { digest: 'c'.repeat(64), bytes: 1 } });

/** What follows, as `state stage attempt`; `=` for no change, `superseded` or `conflict` for a refusal. Left out means `=`. */
const REFUSED: Partial<Record<InputName, string>> = {
  progress: 'superseded',
  resumed: 'superseded',
  log: 'superseded',
  trained: 'superseded',
  'trained again': 'superseded',
  adjusted: 'superseded',
  published: 'superseded',
  'failed for good': 'superseded',
  'failed, to be retried': 'superseded',
  released: 'superseded',
};
/** Of a job in a stage that waits for a worker, with its attempt. */
const waits = (place: string) => ({
  ...REFUSED,
  cancel: `cancelled ${place}`,
  pause: `paused ${place}`,
  retry: 'conflict',
});
const works = (place: string) => ({
  ...REFUSED,
  released: `queued ${place}`,
  cancel: `cancelling ${place}`,
  pause: `pausing ${place}`,
  retry: 'conflict',
});
const measures = (place: string, pause: 'pausing' | 'paused') => ({
  ...REFUSED,
  cancel: `cancelled ${place}`,
  pause: `${pause} ${place}`,
  retry: 'conflict',
});
const stops = (place: string, halted: 'paused' | 'cancelled') => ({
  ...REFUSED,
  'begin train': `${halted} ${place}`,
  stopped: `${halted} ${place}`,
  released: `${halted} ${place}`,
  resume: 'conflict',
  retry: 'conflict',
});
const over = { ...REFUSED, cancel: 'conflict', pause: 'conflict', resume: 'conflict', retry: 'conflict' };
const EXPECTED: Record<Situation, Partial<Record<InputName, string>>> = {
  'waiting to train': {
    ...waits('train 0'),
    'begin train': 'running train 1',
    'given up': 'failed train 0',
  },
  training: {
    ...works('train 1'),
    'begin train': 'running train 2',
    progress: 'running train 1',
    resumed: 'running train 1',
    log: 'running train 1',
    trained: 'queued publish 1',
    'trained again': 'queued publish 1',
    'failed for good': 'failed train 1',
    'failed, to be retried': 'queued train 1',
    'given up': 'failed train 1',
  },
  'waiting to train again': {
    ...waits('train 1'),
    'begin train': 'running train 2',
    'given up': 'failed train 1',
  },
  'to be verified': {
    ...measures('verify 1', 'paused'),
    'trained again': '=',
    'begin verify': 'running verify 2',
    'measuring requested': 'running verify 1',
    'measured, held': 'queued publish 1',
    'measured, open': 'queued adjust 1',
    'measured by another task': 'queued publish 1',
    'measured in an earlier round': 'queued publish 1',
    'given up': 'failed verify 1',
  },
  'being measured': {
    ...measures('verify 1', 'pausing'),
    'trained again': '=',
    'begin verify': 'running verify 2',
    'measured, held': 'queued publish 1',
    'measured, open': 'queued adjust 1',
    'verification failed': 'failed verify 1',
    'given up': 'failed verify 1',
  },
  'waiting to be adjusted': {
    ...waits('adjust 1'),
    'trained again': '=',
    'begin adjust': 'running adjust 2',
    'given up': 'failed adjust 1',
  },
  adjusting: {
    ...works('adjust 2'),
    progress: 'running adjust 2',
    resumed: 'running adjust 2',
    log: 'running adjust 2',
    'begin adjust': 'running adjust 3',
    adjusted: 'running verify 2',
    'failed for good': 'failed adjust 2',
    'failed, to be retried': 'queued adjust 2',
    'given up': 'failed adjust 2',
  },
  'to be verified again': {
    ...measures('verify 2', 'paused'),
    'begin verify': 'running verify 3',
    'measuring requested': 'running verify 2',
    'measured, held': 'queued publish 2',
    'measured, open': 'queued adjust 2',
    'measured by another task': 'queued publish 2',
    'given up': 'failed verify 2',
  },
  'waiting to be published': {
    ...waits('publish 1'),
    'trained again': '=',
    'begin publish': 'running publish 2',
    'given up': 'failed publish 1',
  },
  publishing: {
    ...works('publish 2'),
    progress: 'running publish 2',
    resumed: 'running publish 2',
    log: 'running publish 2',
    'begin publish': 'running publish 3',
    published: 'succeeded publish 2',
    'failed for good': 'failed publish 2',
    'failed, to be retried': 'queued publish 2',
    'given up': 'failed publish 2',
  },
  succeeded: { ...over, published: '=' },
  failed: { ...over, retry: 'queued train 1' },
  cancelled: { ...over, cancel: '=', retry: 'queued train 1' },
  paused: { ...REFUSED, cancel: 'cancelled train 1', resume: 'queued train 1', retry: 'conflict' },
  'asked to pause': {
    ...stops('train 1', 'paused'),
    progress: 'pausing train 1',
    resumed: 'pausing train 1',
    log: 'pausing train 1',
    trained: 'paused publish 1',
    'trained again': 'paused publish 1',
    'failed for good': 'failed train 1',
    'failed, to be retried': 'paused train 1',
    'given up': 'failed train 1',
    cancel: 'cancelling train 1',
  },
  'asked to cancel': {
    ...stops('train 1', 'cancelled'),
    progress: 'cancelling train 1',
    resumed: 'cancelling train 1',
    log: 'cancelling train 1',
    trained: 'cancelled publish 1',
    'trained again': 'cancelled publish 1',
    'failed for good': 'cancelled train 1',
    'failed, to be retried': 'cancelled train 1',
    'given up': 'failed train 1',
    pause: 'conflict',
  },
  'asked to pause, on the device': {
    ...REFUSED,
    'trained again': '=',
    'begin verify': '=',
    'measured, held': 'paused publish 1',
    'measured, open': 'paused adjust 1',
    'verification failed': 'failed verify 1',
    'given up': 'failed verify 1',
    cancel: 'cancelled verify 1',
    resume: 'conflict',
    retry: 'conflict',
  },
};

function outcome(job: Job, input: JobInput): string {
  try {
    const { job: next } = transition(job, input, NOW);
    return next === job ? '=' : `${next.state} ${next.stage} ${next.attempt}`;
  } catch (thrown) {
    const { code } = thrown as AppError;
    expect(['attempt_superseded', 'job_state_conflict']).toContain(code);
    return code === 'attempt_superseded' ? 'superseded' : 'conflict';
  }
}

describe('what follows in every situation of a job', () => {
  for (const [situation, job] of Object.entries(SITUATIONS) as [Situation, Job][])
    for (const [name, input] of Object.entries(INPUTS) as [InputName, (job: Job) => JobInput][]) {
      const expected = EXPECTED[situation][name] ?? '=';
      it(`${situation}: ${name} -> ${expected}`, () => expect(outcome(job, input(job))).toBe(expected));
    }

  it('starts with an event and the message that has the job trained', () => {
    const job = SITUATIONS['waiting to train'];
    expect(submission(job)).toEqual({
      job,
      events: [{ type: 'state', state: 'queued', stage: 'train', attempt: 0 }],
      messages: [{ jobId: job.id, stage: 'train', generation: 0, priority: 0 }],
    });
  });

  it('tells the accuracies of a candidate and sends it on to be published', () => {
    const job = SITUATIONS.training;
    const { job: next, events, messages } = transition(job, { type: 'trained', attempt: 1, candidate }, NOW);
    expect(next).toMatchObject({ candidate, progress: undefined, updatedAt: NOW.toISOString() });
    expect(events).toEqual([
      { type: 'accuracy', ratio: 0, accuracy: 0.97 },
      { type: 'accuracy', ratio: 0.5, accuracy: 0.95 },
      { type: 'state', state: 'queued', stage: 'publish', attempt: 1 },
    ]);
    expect(messages).toEqual([{ jobId: job.id, stage: 'publish', generation: 0, priority: 0 }]);
  });

  it('takes up its progress where the checkpoint is that it is resumed from, and says so', () => {
    const { job, events } = transition(
      SITUATIONS['training'],
      { type: 'resumed', attempt: 1, record: 1, progress: { ...progress('train'), step: 7 } },
      NOW,
    );
    expect(job.progress).toMatchObject({ step: 7 });
    expect(events).toEqual([{ type: 'resumed', attempt: 1, progress: { ...progress('train'), step: 7 } }]);
  });

  it('passes on what a worker says, and changes nothing else by it', () => {
    const log = { level: 'warn', message: 'a checkpoint was damaged' } as const;
    const { job, events } = transition(
      SITUATIONS['training'],
      { type: 'logged', attempt: 1, record: 1, log },
      NOW,
    );
    expect(job).toEqual({ ...SITUATIONS['training'], lastRecord: 1, updatedAt: NOW.toISOString() });
    expect(events).toEqual([{ type: 'log', attempt: 1, ...log }]);
  });

  it('has the candidate of a job with a device verified first', () => {
    const job = { ...SITUATIONS.training, ...withDevice };
    const { job: next, messages } = transition(job, { type: 'trained', attempt: 1, candidate }, NOW);
    expect(next).toMatchObject({ state: 'running', stage: 'verify' });
    expect(messages).toEqual([{ jobId: job.id, stage: 'verify', generation: 0, priority: 0 }]);
  });

  it('goes on from a point that misses the target: adjusts, verifies again, and publishes after its last round', () => {
    const measure = (job: Job, round: number, points = OPEN) =>
      transition(
        { ...job, measuringTaskId: `task ${round}` },
        { type: 'measured', measuringTaskId: `task ${round}`, points },
        NOW,
      );
    const first = measure(SITUATIONS['being measured'], 1);
    expect(first.messages).toEqual([{ jobId: first.job.id, stage: 'adjust', generation: 0, priority: 0 }]);
    expect(first.job).toMatchObject({ measuringTaskId: undefined });
    expect(first.job.verification).toEqual({ rounds: 1, measuringTaskIds: ['task 1'], points: OPEN });
    const begun = transition(first.job, { type: 'begun', stage: 'adjust', generation: 0 }, NOW).job;
    const [dense, half] = candidate.ratios;
    const more = aCandidate({
      bundle: { digest: 'd'.repeat(64), bytes: 1 },
      ratios: [dense!, { ...half!, ratio: 0.4, accuracy: 0.96, derived: true }, half!],
    });
    const adjusted = transition(begun, { type: 'adjusted', attempt: begun.attempt, candidate: more }, NOW);
    expect(adjusted.events[0]).toEqual({ type: 'accuracy', ratio: 0.4, accuracy: 0.96 });
    expect(adjusted.messages).toEqual([{ jobId: begun.id, stage: 'verify', generation: 0, priority: 0 }]);
    // What is asked for is in the bundle now: nothing has to be derived.
    const second = measure(adjusted.job, 2);
    expect(second.messages).toEqual([{ jobId: begun.id, stage: 'verify', generation: 0, priority: 0 }]);
    let { job } = second;
    for (let round = 3; round < VERIFICATION_ROUNDS; round++) job = measure(job, round).job;
    expect(job).toMatchObject({ stage: 'verify', verification: { rounds: VERIFICATION_ROUNDS - 1 } });
    const last = measure(job, VERIFICATION_ROUNDS);
    expect(last.job).toMatchObject({ stage: 'publish', measuringTaskId: `task ${VERIFICATION_ROUNDS}` });
    expect(last.job.verification!.measuringTaskIds).toHaveLength(VERIFICATION_ROUNDS);
  });

  it('tells why a job failed, and keeps an error that is retried to the event', () => {
    const failed = (willRetry: boolean) =>
      transition(SITUATIONS.training, { type: 'failed', attempt: 1, error, willRetry }, NOW);
    expect(failed(false).job).toMatchObject({ error, finishedAt: NOW.toISOString() });
    const told = { ...error, advice: expect.stringContaining('lower learning rate') };
    expect(failed(false).events).toEqual([expect.objectContaining({ state: 'failed', error: told })]);
    expect(failed(true).job.error).toBeUndefined();
    expect(failed(true).events).toEqual([expect.objectContaining({ state: 'queued', error })]);
  });

  it('notes when the first attempt started and clears the progress of the one before', () => {
    const begin = { type: 'begun', stage: 'train', generation: 0 } as const;
    const first = transition(SITUATIONS['waiting to train'], begin, NOW).job;
    const later = transition(
      { ...first, progress: progress('train') },
      begin,
      new Date(NOW.getTime() + 1),
    ).job;
    expect(later).toMatchObject({ startedAt: NOW.toISOString(), progress: undefined });
  });
});
