import { readFile } from 'node:fs/promises';
import { AppError, FINAL_JOB_STATES, JobStage, LastStage, type Job, type VerifiedPoint } from '#contracts';
import { aCandidate, aJob, anActor } from '#testkit';
import { edgesOf, situationOf, type FoundStep } from './every-state.fixture.js';
import type { JobInput } from './job-input.js';
import { placeOf } from './job-place.js';
import { isFinal, isOnDevice } from './job-states.js';
import { submission, transition } from './transition.js';
import type { Transition } from './transitions.js';

const NOW = new Date('2030-01-01T00:00:00.000Z');
const TASKS = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
const DEVICE = '00000000-0000-4000-8000-00000000000d';
const ERROR = { code: 'internal', fault: 'infrastructure', message: 'broken' } as const;
const held: VerifiedPoint = { operatingPoint: 'fast', held: true, best: { ratio: 0, measuredMs: 10 } };
const missed: VerifiedPoint = { operatingPoint: 'slow', held: false, nextRatio: 0.3 };
const another = aCandidate({ bundle: { digest: 'c'.repeat(64), bytes: 1 } });

/** Everything that could be said of a job now: by its attempt, by one before, by users. */
function inputsFor(job: Job): JobInput[] {
  const { attempt, stage, generation, lastRecord = 0 } = job;
  const place = placeOf(job);
  const record = lastRecord + 1;
  const progress = { stage, step: 1, steps: 2, fraction: 0.5 };
  const byAttempt = (of: number): JobInput[] => [
    { type: 'progressed', attempt: of, progress },
    { type: 'resumed', attempt: of, record, progress },
    { type: 'logged', attempt: of, record, log: { level: 'info', message: 'hello' } },
    { type: 'metrics-taken', attempt: of, batch: { series: 'a/joint', firstStep: 1, losses: [1] } },
    {
      ...{ type: 'checkpointed', attempt: of, record, progress },
      checkpoint: { attempt: of, savedAt: NOW.toISOString(), files: [] },
    },
    { type: 'stopped', attempt: of },
    { type: 'released', attempt: of, reason: 'the worker goes' },
    { type: 'failed', attempt: of, error: ERROR, willRetry: true },
    { type: 'failed', attempt: of, error: ERROR, willRetry: false },
    { type: 'calibrated', attempt: of, calibrationId: TASKS[0]!, ratios: [0, 0.5] },
    { type: 'trained', attempt: of, candidate: aCandidate() },
    { type: 'adjusted', attempt: of, candidate: another },
    { type: 'published', attempt: of, version: 1 },
  ];
  return [
    ...JobStage.options.map((each) => ({ type: 'begun' as const, stage: each, generation })),
    { type: 'begun', stage, generation: generation - 1 },
    { type: 'refused', generation, reason: 'no worker has enough memory' },
    { type: 'stalled', place, reason: 'no worker is alive' },
    { type: 'stalled', place, reason: undefined },
    ...JobStage.options.map((each) => ({ type: 'silent' as const, stage: each, generation })),
    ...byAttempt(attempt),
    ...byAttempt(attempt - 1),
    ...TASKS.flatMap((measuringTaskId): JobInput[] => [
      { type: 'measuring-requested', place, measuringTaskId },
      { type: 'measuring-requested', place: { ...place, generation: generation - 1 }, measuringTaskId },
      { type: 'profiled', measuringTaskId, latencyTableId: TASKS[1]! },
      { type: 'measured', measuringTaskId, points: [held] },
      { type: 'measured', measuringTaskId, points: [held, missed] },
      { type: 'measured', measuringTaskId, points: [{ ...missed, nextRatio: 0.5 }] },
      { type: 'measuring-failed', measuringTaskId, error: ERROR },
      { type: 'device-waits', measuringTaskId, reason: 'it is hot' },
      { type: 'device-waits', measuringTaskId, reason: undefined },
    ]),
    { type: 'given-up', place, error: ERROR },
    { type: 'given-up', place: { ...place, attempt: attempt - 1 }, error: ERROR },
    { type: 'exhausted', maxAttempts: 1, untouchedSince: new Date(NOW.getTime() + 1) },
    ...(['cancel', 'pause', 'resume', 'retry', 'hold', 'release'] as const).map((type) => ({ type })),
    ...LastStage.options.map((until) => ({ type: 'continue' as const, until })),
    { type: 'prioritise', priority: 10 },
  ];
}

const REFUSALS = ['attempt_superseded', 'job_state_conflict'];

/** What an input does; undefined where it is refused. Anything but a refusal is a mistake. */
function tried(job: Job, input: JobInput): Transition | undefined {
  try {
    return transition(job, input, NOW);
  } catch (error) {
    if (error instanceof AppError && REFUSALS.includes(error.code)) return undefined;
    throw new Error(`${input.type} of a job that is ${job.state} in ${job.stage}`, { cause: error });
  }
}

/** Only jobs that measure first may end before they train. */
const begins: Job[] = [
  ...LastStage.options.map((until) =>
    aJob(anActor(), { until, deviceId: DEVICE, state: 'running', stage: 'measure', ratios: [] }),
  ),
  ...LastStage.exclude(['measure', 'calibrate']).options.flatMap((until) => [
    aJob(anActor(), { until }),
    aJob(anActor(), { until, deviceId: DEVICE, calibrationId: TASKS[1]! }),
  ]),
];

/** Goes to every situation that any of them leads to, and says everything in each. */
function walk(): { steps: FoundStep[]; refused: { job: Job; input: JobInput }[]; transitions: Transition[] } {
  const known = new Set(begins.map(situationOf));
  const open = [...begins];
  const found = { steps: [] as FoundStep[], refused: [] as { job: Job; input: JobInput }[] };
  const transitions: Transition[] = [];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (const input of inputsFor(from)) {
      const done = tried(from, input);
      if (done === undefined) found.refused.push({ job: from, input });
      else {
        found.steps.push({ from, input, to: done.job });
        transitions.push(done);
        if (!known.has(situationOf(done.job))) open.push(done.job);
        known.add(situationOf(done.job));
      }
    }
  }
  return { ...found, transitions };
}

const { steps, refused, transitions } = walk();

test('docs/jobs.md draws the edges that there are, and no others', async () => {
  const text = await readFile('docs/jobs.md', 'utf8');
  const drawn = [...text.matchAll(/^ {2}(\w+ --> \w+)/gm)].map(([, edge]) => edge);
  expect([...new Set(drawn)].sort()).toEqual([...edgesOf(steps)].sort());
});

test('a job that has ended is changed by retry, continue and a sweep that holds it for a retry alone', () => {
  const left = steps.filter(({ from, to }) => isFinal(from) && to !== from);
  expect([...new Set(left.map(({ input }) => input.type))].sort()).toEqual(['continue', 'hold', 'retry']);
});

test('attempt and generation never fall, and only begins count attempts', () => {
  for (const { from, input, to } of steps) {
    expect(to.attempt - from.attempt).toBe(
      input.type === 'begun' && to.state === 'running' && to !== from ? 1 : 0,
    );
    expect(to.generation).toBeGreaterThanOrEqual(from.generation);
  }
});

test('every change of state or stage is told once and as it is, and nothing else is', () => {
  steps.forEach(({ from, to }, i) => {
    const told = transitions[i]!.events.filter((event) => event.type === 'state');
    const { state, stage, attempt } = to;
    const isNew = state !== from.state || stage !== from.stage || attempt !== from.attempt;
    expect(told).toMatchObject(isNew ? [{ state, stage, attempt }] : told.slice(0, 1));
  });
});

test('stages go back from adjusting to verifying alone, the device verifies of jobs that have one, and only a candidate is published', () => {
  const order: JobStage[] = ['measure', 'calibrate', 'train', 'verify', 'publish'];
  const rankOf = (stage: JobStage) => order.indexOf(stage === 'adjust' ? 'verify' : stage);
  for (const { from, to } of steps) {
    expect(rankOf(to.stage)).toBeGreaterThanOrEqual(rankOf(from.stage));
    if (to.stage === 'verify') expect(to.deviceId).toBeDefined();
    if (to.stage === 'publish') expect(to.candidate).toBeDefined();
  }
});

test('whatever an attempt that lost its job says changes nothing', () => {
  const late = steps.filter(({ from, input }) => 'attempt' in input && input.attempt !== from.attempt);
  expect(late.filter(({ from, to }) => to !== from)).toEqual([]);
  expect(late.length).toBeGreaterThan(0);
  expect(refused.some(({ job, input }) => 'attempt' in input && input.attempt !== job.attempt)).toBe(true);
});

test('a job that waits has a message of its own generation, or somebody at work on it', () => {
  for (const { job, messages } of transitions) {
    for (const message of messages) {
      const { id: jobId, stage, generation, priority } = job;
      expect(message).toEqual({ jobId, stage, generation, priority });
      expect(isFinal(job) || job.state === 'paused').toBe(false);
    }
  }
  const entries = steps.filter(
    ({ from, to }) => from.stage !== to.stage && !isFinal(to) && to.state !== 'paused',
  );
  expect(entries.length).toBeGreaterThan(0);
  for (const { from, input } of entries) expect(transition(from, input, NOW).messages).toHaveLength(1);
});

test('saying anything twice in a row is the same as saying it once', () => {
  for (const { from, input, to } of steps) {
    if (to === from || input.type === 'begun' || input.type === 'progressed') continue;
    const again = tried(to, input);
    expect([input.type, again === undefined || again.job === to || again.messages.length === 0]).toEqual([
      input.type,
      true,
    ]);
  }
});

test('a record that an attempt tells again is told once, also where newer ones have come', () => {
  const log = { level: 'info', message: 'hello' } as const;
  const tell = (job: Job, record: number) =>
    transition(job, { type: 'logged', attempt: job.attempt, record, log }, NOW).job;
  const begun = aJob(anActor(), { state: 'running', attempt: 1 });
  const told = tell(tell(begun, 1), 2);
  expect([told.lastRecord, tell(told, 2), tell(told, 1)]).toEqual([2, told, told]);
  const next = transition(told, { type: 'begun', stage: 'train', generation: 0 }, NOW).job;
  expect(tell(next, 1)).toMatchObject({ attempt: 2, lastRecord: 1 });
});

test('every job can be cancelled until it has ended, and then ends', () => {
  for (const { to: job } of steps) {
    const cancelled = tried(job, { type: 'cancel' });
    if (isFinal(job) && job.state !== 'cancelled') expect(cancelled).toBeUndefined();
    else expect(['cancelling', 'cancelled']).toContain(cancelled!.job.state);
  }
});

test('a job that somebody stops ends once nobody is at work on it: its worker says so, or another one comes', () => {
  const stopping = steps
    .map(({ to }) => to)
    .filter(({ state }) => state === 'pausing' || state === 'cancelling');
  const onWorkers = stopping.filter(({ stage }) => !isOnDevice(stage));
  expect(onWorkers.length).toBeGreaterThan(0);
  for (const job of onWorkers) {
    const halted = job.state === 'pausing' ? 'paused' : 'cancelled';
    const { attempt, stage, generation } = job;
    expect(transition(job, { type: 'stopped', attempt }, NOW).job.state).toBe(halted);
    expect(transition(job, { type: 'begun', stage, generation }, NOW).job).toMatchObject({
      state: halted,
      attempt,
    });
    expect(transition(job, { type: 'released', attempt, reason: '' }, NOW).job.state).toBe(halted);
  }
});

test('cancelling what a device measures has its task cancelled', () => {
  const job = aJob(anActor(), {
    state: 'running',
    stage: 'verify',
    deviceId: DEVICE,
    measuringTaskId: TASKS[0]!,
  });
  const { effects, job: after } = transition(job, { type: 'cancel' }, NOW);
  expect(after.state).toBe('cancelled');
  expect(effects).toEqual([{ type: 'cancel-measuring', measuringTaskId: TASKS[0] }]);
});

test('pausing lets the device measure to its end, and the job goes no further then', () => {
  const job = aJob(anActor(), {
    ...{ state: 'running', stage: 'verify', deviceId: DEVICE, measuringTaskId: TASKS[0]! },
    candidate: aCandidate(),
  });
  const pausing = transition(job, { type: 'pause' }, NOW).job;
  expect(pausing.state).toBe('pausing');
  const paused = transition(pausing, { type: 'measured', measuringTaskId: TASKS[0]!, points: [held] }, NOW);
  expect(paused).toMatchObject({ job: { state: 'paused', stage: 'publish' }, messages: [] });
  const resumed = transition(paused.job, { type: 'resume' }, NOW);
  expect(resumed.messages).toEqual([{ jobId: job.id, stage: 'publish', generation: 1, priority: 0 }]);
});

test('a job that is resumed, retried or continued behind its measuring is published by what was measured', () => {
  const measured = {
    ...{ stage: 'publish', deviceId: DEVICE, candidate: aCandidate(), measuringTaskId: TASKS[0]! },
    verification: { rounds: 1, measuringTaskIds: [TASKS[0]!], points: [held] },
  } satisfies Partial<Job>;
  for (const [state, type] of [
    ['paused', 'resume'],
    ['failed', 'retry'],
    ['cancelled', 'retry'],
  ] as const) {
    const next = transition(aJob(anActor(), { ...measured, state }), { type }, NOW);
    expect(next.job).toMatchObject({ state: 'queued', stage: 'publish', measuringTaskId: TASKS[0] });
  }
  const verified = aJob(anActor(), { ...measured, state: 'succeeded', stage: 'verify', until: 'verify' });
  const further = transition(verified, { type: 'continue', until: 'publish' }, NOW);
  expect(further.job).toMatchObject({ stage: 'publish', measuringTaskId: TASKS[0] });
});

test('a device is asked anew where its measuring failed, and a task of before the retry fails nothing', () => {
  const verifying = { stage: 'verify', deviceId: DEVICE, measuringTaskId: TASKS[0]! } satisfies Partial<Job>;
  const failed = aJob(anActor(), { ...verifying, state: 'failed' });
  const { job } = transition(failed, { type: 'retry' }, NOW);
  expect(job).toMatchObject({ state: 'running', stage: 'verify', generation: 1 });
  expect(job.measuringTaskId).toBeUndefined();
  const late: JobInput = { type: 'measuring-failed', measuringTaskId: TASKS[0]!, error: ERROR };
  expect(transition(job, late, NOW).job).toBe(job);
});

test('a measuring task is noted in the stage, round and generation alone that it was asked for in', () => {
  const verifying = {
    state: 'running',
    stage: 'verify',
    deviceId: DEVICE,
    generation: 1,
  } satisfies Partial<Job>;
  const verification = { rounds: 1, measuringTaskIds: [TASKS[0]!], points: [missed] };
  const job = aJob(anActor(), { ...verifying, verification });
  const noted = (asked: Job) =>
    transition(job, { type: 'measuring-requested', place: placeOf(asked), measuringTaskId: TASKS[1]! }, NOW)
      .job;
  expect(noted(job).measuringTaskId).toBe(TASKS[1]);
  expect(noted({ ...job, verification: undefined })).toBe(job);
  expect(noted({ ...job, generation: 0 })).toBe(job);
  expect(noted({ ...job, stage: 'measure' })).toBe(job);
});

test('workers that go count for nothing when a job is given up for its attempts', () => {
  const begun = aJob(anActor(), { state: 'running', attempt: 7, attemptsBefore: 3 });
  const released = transition(begun, { type: 'released', attempt: 7, reason: 'the worker goes' }, NOW);
  expect(released.job).toMatchObject({ state: 'queued', attempt: 7, attemptsBefore: 4 });
});

test('a job that a user took up again is not given up for what came before', () => {
  const job = aJob(anActor(), { state: 'running', generation: 2 });
  const givenUp = (seen: Job) =>
    transition(job, { type: 'given-up', place: placeOf(seen), error: ERROR }, NOW).job;
  expect(givenUp({ ...job, generation: 1 })).toBe(job);
  expect(givenUp(job).state).toBe('failed');
});

test('metrics are stored once: what is done again is cut off, what is missing is refused', () => {
  const job = aJob(anActor(), { state: 'running', attempt: 2 });
  const measured = {
    imagesPerSecond: 50,
    evaluation: { epoch: 1, images: 100, ratios: [{ ratio: 0, accuracy: 0.5 }] },
  };
  const take = (of: Job, firstStep: number, losses: number[]) => {
    const batch = { series: 'all-in-one/joint', firstStep, losses, ...measured };
    return transition(of, { type: 'metrics-taken', attempt: 2, batch }, NOW);
  };
  const first = take(job, 1, [3, 2]).job;
  expect(first.metricSteps).toEqual({ 'all-in-one/joint': 2 });
  expect(take(first, 1, [3, 2]).job).toBe(first);
  const overlapping = take(first, 2, [2, 1, 0.5]);
  expect(overlapping.events).toEqual([
    {
      ...{ type: 'metrics', attempt: 2, series: 'all-in-one/joint' },
      ...{ firstStep: 3, losses: [1, 0.5], ...measured },
    },
  ]);
  expect(() => take(first, 4, [1])).toThrow(/steps 3 to 3 of series "all-in-one\/joint"/);
});

test('stages follow each other until the last one that was asked for', () => {
  const ends = steps.filter(({ from, to }) => from.state !== 'succeeded' && to.state === 'succeeded');
  for (const { from, to } of ends)
    expect(to.until === to.stage || from.stage === 'publish' || !to.deviceId).toBe(true);
  const endedIn = new Set(ends.map(({ to }) => to.stage));
  expect([...endedIn].sort()).toEqual(['calibrate', 'measure', 'publish', 'train', 'verify']);
});

test('continue goes on behind the stage that a job ended with', () => {
  const job = aJob(anActor(), {
    state: 'succeeded',
    stage: 'train',
    until: 'train',
    candidate: aCandidate(),
  });
  const further = transition(job, { type: 'continue', until: 'publish' }, NOW);
  expect(further.job).toMatchObject({ state: 'queued', stage: 'publish', until: 'publish' });
  expect(() => transition(job, { type: 'continue', until: 'train' }, NOW)).toThrow(
    /is succeeded and cannot be continued until train: expected a job that succeeded with an earlier last stage/,
  );
});

test('a submitted job waits for its first stage', () => {
  for (const job of begins) {
    const { events, messages } = submission(job);
    expect(messages).toHaveLength(1);
    expect(events).toEqual([{ type: 'state', state: job.state, stage: job.stage, attempt: 0 }]);
  }
});

test('a failure that is tried again tells why, and leaves no error on the job', () => {
  const job = aJob(anActor(), { state: 'running', attempt: 1 });
  const again = transition(job, { type: 'failed', attempt: 1, error: ERROR, willRetry: true }, NOW);
  expect(again.job).toMatchObject({ state: 'queued' });
  expect(again.job.error).toBeUndefined();
  expect(again.events).toEqual([
    { type: 'state', state: 'queued', stage: 'train', attempt: 1, error: ERROR },
  ]);
  const last = transition(job, { type: 'failed', attempt: 1, error: ERROR, willRetry: false }, NOW);
  expect(last.job).toMatchObject({ state: 'failed', error: ERROR, finishedAt: NOW.toISOString() });
});

test('waiting says why once, until somebody begins', () => {
  const job = aJob(anActor());
  const waits = { type: 'refused', generation: 0, reason: 'no worker has label gpu=h200' } as const;
  const told = transition(job, waits, NOW);
  expect(told.events).toEqual([{ type: 'waiting', reason: waits.reason }]);
  expect(told.job.waiting).toEqual({ reason: 'no worker has label gpu=h200', since: NOW.toISOString() });
  expect(transition(told.job, waits, NOW).job).toBe(told.job);
  expect(
    transition(told.job, { type: 'begun', stage: 'train', generation: 0 }, NOW).job.waiting,
  ).toBeUndefined();
});

test('there is a final state for every way in which a job may end', () => {
  expect(
    new Set(steps.map(({ to }) => to.state).filter((state) => FINAL_JOB_STATES.includes(state))),
  ).toEqual(new Set(FINAL_JOB_STATES));
});
