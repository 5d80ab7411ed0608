import { isGpuProvider, type Job, type WorkerDescription, type WorkerEngine } from '#contracts';
import { isTrainingStage, needsGpu } from './route-job.js';

/** One thing that a job asks of whoever trains it. */
export interface WorkerNeed {
  /** Behind "no worker", or "the worker": `has label gpu=h200`; `doesNot` is the same denied. */
  readonly does: string;
  readonly doesNot: string;
  readonly isMetBy: (worker: WorkerDescription) => boolean;
}

/** All that the stage of a job asks of a worker, what a user can do most about first. Short work is for any. */
export function needsOf(job: Job): WorkerNeed[] {
  if (!isTrainingStage(job.stage)) return [queueNeed(['light'])];
  return [
    ...labelNeeds(job),
    ...deviceNeeds(job),
    ...engineNeeds(job),
    ...machineNeeds(job),
    // A job may wait in the queue for any worker, and be pinned to a graphics card by the worker that began it.
    queueNeed(needsGpu(job) ? ['train.gpu', 'train.cpu'] : ['train.cpu']),
    {
      does: 'serves the team',
      doesNot: 'serves another team alone',
      isMetBy: ({ teamId }) => teamId === undefined || teamId === job.teamId,
    },
  ];
}

/** Whether a worker is made for a job, busy or not. */
export function fits(worker: WorkerDescription, job: Job): boolean {
  return needsOf(job).every(({ isMetBy }) => isMetBy(worker));
}

/**
 * Whether an engine may run a job that names so much. One in which the CPU stands in for a graphics card is for jobs that
 * name it in full.
 */
export function isEngineFor(engine: WorkerEngine, { executor, provider, device }: WantedEngine): boolean {
  if (executor !== undefined && engine.executor !== executor) return false;
  if (provider !== undefined && engine.provider !== provider) return false;
  if (device !== undefined && isGpuProvider(engine.provider) !== (device === 'gpu')) return false;
  return !engine.byNameOnly || (executor !== undefined && provider !== undefined);
}

interface WantedEngine {
  readonly executor?: string | undefined;
  readonly provider?: string | undefined;
  readonly device?: 'cpu' | 'gpu' | undefined;
}

const has = (what: string, isMetBy: WorkerNeed['isMetBy']): WorkerNeed => ({
  does: `has ${what}`,
  doesNot: `does not have ${what}`,
  isMetBy,
});

function labelNeeds({ spec }: Job): WorkerNeed[] {
  return Object.entries(spec.requires?.labels ?? {}).map(([key, value]) =>
    has(`label ${key}=${value}`, ({ labels }) => labels[key] === value),
  );
}

function deviceNeeds({ spec, pin }: Job): WorkerNeed[] {
  if (pin !== undefined || spec.requires?.device !== 'gpu') return [];
  return [has('a graphics card', ({ device }) => device === 'gpu')];
}

function engineNeeds({ spec, pin }: Job): WorkerNeed[] {
  const wanted = pin ?? { ...spec.training.engine, device: spec.requires?.device };
  const names = [wanted.executor, wanted.provider].filter((name) => name !== undefined).join(' on ');
  const what = names === '' ? 'an engine for the job' : `engine ${names}`;
  return [has(what, ({ engines }) => engines.some((engine) => isEngineFor(engine, wanted)))];
}

function machineNeeds({ spec, pin }: Job): WorkerNeed[] {
  const memoryBytes = spec.requires?.memoryBytes;
  const threads = pin?.threads ?? spec.training.engine?.threads ?? spec.training.threads;
  return [
    ...(memoryBytes === undefined
      ? []
      : [has(`${gib(memoryBytes)} GiB of memory`, (worker) => worker.memoryBytes >= memoryBytes)]),
    ...(threads === undefined || threads === 1
      ? []
      : [has(`${threads} cores, for as many threads`, ({ cores }) => cores >= threads)]),
    ...(pin === undefined
      ? []
      : [
          has(
            `a CPU of class "${pin.cpuClass}", on which the job was begun`,
            ({ cpuClass }) => cpuClass === pin.cpuClass,
          ),
        ]),
  ];
}

function queueNeed(wanted: WorkerDescription['queues']): WorkerNeed {
  return {
    does: `takes jobs of queue ${wanted[0]}`,
    doesNot: `takes no jobs of queue ${wanted[0]}`,
    isMetBy: ({ queues }) => wanted.some((queue) => queues.includes(queue)),
  };
}

const gib = (bytes: number): string => String(Number((bytes / 2 ** 30).toFixed(2)));
