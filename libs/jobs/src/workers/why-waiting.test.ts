import type { WorkerRecord } from '#contracts';
import { aJob, aJobRequest, anActor, aWorkerRecord } from '#testkit';
import { whyWaiting } from './why-waiting.js';

const actor = anActor();
const H200 = { gpu: 'h200' };
const job = aJob(actor, { spec: aJobRequest({ requires: { labels: H200 } }) });
const fitting = (changes: Partial<WorkerRecord> = {}) =>
  aWorkerRecord({ name: 'big', labels: H200, ...changes });
const busy = (changes: Partial<WorkerRecord> = {}) => fitting({ jobIds: [job.id], ...changes });
const other = () => aWorkerRecord({ name: 'small' });

test.each<[string, WorkerRecord[], string | undefined]>([
  ['nobody is there', [], 'no worker is alive'],
  ['a worker is free', [other(), fitting()], undefined],
  ['none has its label', [other(), other(), other()], 'no worker has label gpu=h200 (3 workers are alive)'],
  ['the only one has not its label', [other()], 'no worker has label gpu=h200 (1 worker is alive)'],
  [
    'the only one that fits is busy',
    [other(), busy()],
    'worker "big", the only one that could take it, is busy',
  ],
  ['all that fit are busy', [busy(), busy(), other()], 'all 2 workers that could take it are busy'],
  ['one of those that fit is free', [busy(), fitting()], undefined],
  ['one that fits has another place', [busy({ concurrency: 2 })], undefined],
  [
    'the one that fits drains',
    [other(), fitting({ phase: 'draining' })],
    'worker "big", which could take it, is draining',
  ],
  [
    'the only worker has drained',
    [fitting({ phase: 'drained' })],
    'worker "big", the only one that is alive, is drained',
  ],
  [
    'all rest',
    [fitting({ phase: 'drained' }), other()].map((w) => ({ ...w, phase: 'drained' as const })),
    'all 2 workers are draining or drained',
  ],
])('a job waits because %s', (_, alive, reason) => {
  expect(whyWaiting(job, alive, { running: 0 })).toBe(reason);
});

test('where every need is met by some worker and all of them by none, those that some lack are told', () => {
  const demanding = aJob(actor, {
    spec: aJobRequest({ requires: { labels: H200, memoryBytes: 32 * 2 ** 30 } }),
  });
  const alive = [fitting(), aWorkerRecord({ memoryBytes: 64 * 2 ** 30 })];
  expect(whyWaiting(demanding, alive, { running: 0 })).toBe(
    'no worker has label gpu=h200 and has 32 GiB of memory (2 workers are alive)',
  );
});

test('short work waits for a worker that does it, however busy, and for nothing else', () => {
  const publishing = aJob(actor, { stage: 'publish', spec: job.spec });
  const full = { maxRunningJobs: 1, running: 1 };
  expect(whyWaiting(publishing, [busy()], full)).toBeUndefined();
  expect(whyWaiting(publishing, [fitting({ queues: ['train.cpu'] })], full)).toBe(
    'no worker takes jobs of queue light (1 worker is alive)',
  );
  expect(whyWaiting(publishing, [], full)).toBe('no worker is alive');
});

test('the limit of its team comes before all', () => {
  const full = { maxRunningJobs: 1, running: 1 };
  expect(whyWaiting(job, [], full)).toBe('the team trains 1 job, its limit');
});
