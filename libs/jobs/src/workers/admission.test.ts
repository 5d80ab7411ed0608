import type { CreateJob, ExecutionPin, Job, WorkerRecord } from '#contracts';
import { aJob, aJobRequest, anActor, aWorkerRecord } from '#testkit';
import { refusalOf, type TeamLoad } from './admission.js';
import { needsGpu } from './route-job.js';

const actor = anActor();
const GIB = 2 ** 30;
const CUDA = { executor: 'onnxruntime', provider: 'cuda', byNameOnly: false } as const;
const CPU = { executor: 'onnxruntime', provider: 'cpu', byNameOnly: false } as const;
const SOFTWARE = { executor: 'onnxruntime', provider: 'webgpu', byNameOnly: true } as const;
const PIN: ExecutionPin = { executor: 'onnxruntime', provider: 'cpu', threads: 4, cpuClass: 'test' };

const aGpuWorker = (changes: Partial<WorkerRecord> = {}) =>
  aWorkerRecord({
    ...{ device: 'gpu', engines: [CUDA, CPU], queues: ['train.gpu', 'train.cpu', 'light'] },
    ...changes,
  });
const wants = (changes: Partial<CreateJob>, more: Partial<Job> = {}) =>
  aJob(actor, { spec: aJobRequest(changes), ...more });
const engine = (choice: object) => wants({ training: { engine: choice } as CreateJob['training'] });
const pinned = (changes: Partial<ExecutionPin> = {}) => aJob(actor, { pin: { ...PIN, ...changes } });
const labelled = (labels: Record<string, string>) => wants({ requires: { labels } });

type Row = [string, Job, WorkerRecord | undefined, RegExp | undefined, TeamLoad?];

const TABLE: Row[] = [
  ['any worker where it asks for nothing', aJob(actor), aWorkerRecord(), undefined],
  ['no worker that nobody knows', aJob(actor), undefined, /not registered/],
  ['no worker that drains', aJob(actor), aWorkerRecord({ phase: 'draining' }), /is draining/],
  ['no worker that has drained', aJob(actor), aWorkerRecord({ phase: 'drained' }), /is drained/],
  ['a late worker, which goes on', aJob(actor), aWorkerRecord({ isAlive: false }), undefined],

  ['its label', labelled({ gpu: 'h200' }), aWorkerRecord({ labels: { gpu: 'h200', zone: 'a' } }), undefined],
  [
    'its label with another value',
    labelled({ gpu: 'h200' }),
    aWorkerRecord({ labels: { gpu: 'h100' } }),
    /not have label gpu=h200/,
  ],
  [
    'one of two labels',
    labelled({ a: '1', b: '2' }),
    aWorkerRecord({ labels: { a: '1' } }),
    /not have label b=2/,
  ],

  ['just enough memory', wants({ requires: { memoryBytes: 16 * GIB } }), aWorkerRecord(), undefined],
  [
    'too little memory',
    wants({ requires: { memoryBytes: 16 * GIB + 1 } }),
    aWorkerRecord(),
    /not have 16 GiB of memory/,
  ],
  ['as many cores as threads', engine({ threads: 8 }), aWorkerRecord(), undefined],
  ['fewer cores than threads', engine({ threads: 9 }), aWorkerRecord(), /not have 9 cores/],

  ['a graphics card', wants({ requires: { device: 'gpu' } }), aGpuWorker(), undefined],
  ['a CPU alone', wants({ requires: { device: 'gpu' } }), aWorkerRecord(), /not have a graphics card/],
  ['the CPU beside a card', wants({ requires: { device: 'cpu' } }), aGpuWorker(), undefined],
  [
    'a card alone',
    wants({ requires: { device: 'cpu' } }),
    aGpuWorker({ engines: [CUDA] }),
    /not have an engine/,
  ],
  ['a card where any will do', aJob(actor), aGpuWorker(), undefined],

  ['its provider', engine({ executor: 'onnxruntime', provider: 'cuda' }), aGpuWorker(), undefined],
  [
    'another provider',
    engine({ executor: 'onnxruntime', provider: 'webgpu' }),
    aGpuWorker(),
    /not have engine onnxruntime on webgpu/,
  ],
  ['another executor', engine({ executor: 'tfjs' }), aGpuWorker(), /not have engine tfjs/],
  [
    'a stand-in for a card, by name',
    engine({ executor: 'onnxruntime', provider: 'webgpu' }),
    aGpuWorker({ engines: [SOFTWARE] }),
    undefined,
  ],
  ['a stand-in for a card alone', aJob(actor), aWorkerRecord({ engines: [SOFTWARE] }), /not have an engine/],

  ['the machine of its first attempt', pinned(), aWorkerRecord(), undefined],
  [
    'a CPU of another class',
    pinned(),
    aWorkerRecord({ cpuClass: 'other' }),
    /not have a CPU of class "test", on which the job was begun/,
  ],
  ['fewer cores than were pinned', pinned(), aWorkerRecord({ cores: 2 }), /not have 4 cores/],
  [
    'without the pinned provider',
    pinned({ provider: 'cuda' }),
    aWorkerRecord(),
    /not have engine onnxruntime on cuda/,
  ],
  [
    'its pin before its requirements',
    wants({ requires: { device: 'gpu' } }, { pin: PIN }),
    aWorkerRecord(),
    undefined,
  ],

  ['a worker of its team', aJob(actor), aWorkerRecord({ teamId: actor.teamId }), undefined],
  [
    'no worker of another team',
    aJob(actor),
    aWorkerRecord({ teamId: anActor().teamId }),
    /serves another team alone/,
  ],
  [
    'no worker that leaves out its queue',
    aJob(actor),
    aWorkerRecord({ queues: ['light'] }),
    /takes no jobs of queue train.cpu/,
  ],

  ['a team below its limit', aJob(actor), aWorkerRecord(), undefined, { maxRunningJobs: 4, running: 3 }],
  [
    'a team at its limit',
    aJob(actor),
    aWorkerRecord(),
    /the team trains 4 jobs, its limit/,
    { maxRunningJobs: 4, running: 4 },
  ],
  [
    'a team above a limit that was lowered',
    aJob(actor),
    aWorkerRecord(),
    /its limit/,
    { maxRunningJobs: 1, running: 3 },
  ],
  [
    'a team that may not train',
    aJob(actor),
    aWorkerRecord(),
    /its limit is 0/,
    { maxRunningJobs: 0, running: 0 },
  ],
];

test.each(TABLE)('a job gets %s', (_, job, worker, refusal, team = { running: 100 }) => {
  const reason = refusalOf(job, worker, team);
  if (refusal === undefined) expect(reason).toBeUndefined();
  else expect(reason).toMatch(refusal);
});

test.each<[string, Job, boolean]>([
  ['asks for nothing', aJob(actor), false],
  ['requires a graphics card', wants({ requires: { device: 'gpu' } }), true],
  ['names CUDA', engine({ executor: 'onnxruntime', provider: 'cuda' }), true],
  ['names TensorFlow on a card', engine({ executor: 'tfjs', provider: 'tensorflow-gpu' }), true],
  ['names a CPU', engine({ executor: 'tfjs', provider: 'wasm' }), false],
  ['was begun on a card', pinned({ provider: 'cuda' }), true],
  ['was begun on a CPU', wants({ requires: { device: 'gpu' } }, { pin: PIN }), false],
])('whether a job that %s goes to the queue for graphics cards', (_, job, expected) => {
  expect(needsGpu(job)).toBe(expected);
});
