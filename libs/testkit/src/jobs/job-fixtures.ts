import { randomUUID } from 'node:crypto';
import { CreateJob, newAudit, type Actor, type Candidate, type Dataset, type Job } from '#contracts';

export function anActor(owner = 'ada'): Actor {
  return { teamId: randomUUID(), owner };
}

export function aDataset(actor: Actor, changes: Partial<Dataset> = {}): Dataset {
  const file = { digest: 'd'.repeat(64), bytes: 100 };
  return {
    ...newAudit(actor, randomUUID(), new Date()),
    name: `digits-${randomUUID().slice(0, 8)}`,
    format: 'idx',
    origin: 'path',
    digest: 'e'.repeat(64),
    files: { trainImages: file, trainLabels: file, testImages: file, testLabels: file },
    input: { channels: 1, height: 28, width: 28 },
    classes: 10,
    classNames: Array.from({ length: 10 }, (_, label) => String(label)),
    split: { kind: 'given' },
    trainImages: 1000,
    testImages: 200,
    classCounts: Array<number>(10).fill(100),
    ...changes,
  };
}

export function aJobRequest(changes: Partial<Record<keyof CreateJob, unknown>> = {}): CreateJob {
  return CreateJob.parse({
    model: 'digits',
    network: { family: 'resnet', depth: 8, widthMultiplier: 0.25 },
    datasetId: randomUUID(),
    ratios: [0, 0.5],
    ...changes,
  });
}

export function aJob(actor: Actor, changes: Partial<Job> = {}): Job {
  return {
    ...newAudit(actor, randomUUID(), new Date()),
    state: 'queued',
    stage: 'train',
    ...{ until: 'publish', attempt: 0, generation: 0, attemptsBefore: 0, priority: 0, metricSteps: {} },
    model: 'digits',
    spec: aJobRequest(),
    ratios: [0, 0.5],
    ...changes,
  };
}

export function aCandidate(changes: Partial<Candidate> = {}): Candidate {
  const cost = { macs: 1000, parameters: 500 };
  const ratio = { accuracy: 0.97, threshold: 0.25, widths: { stem: 4 }, ...cost, derived: false };
  return {
    bundle: { digest: 'b'.repeat(64), bytes: 2048 },
    ratios: [
      { ...ratio, ratio: 0 },
      { ...ratio, ratio: 0.5, accuracy: 0.95, widths: { stem: 2 }, macs: 500 },
    ],
    trainImages: 1000,
    testImages: 200,
    executor: {
      ...{ name: 'onnxruntime', provider: 'cpu', version: '1', threads: 1 },
      ...{ cpuModel: 'test', cpuClass: 'test' },
    },
    seed: 1,
    trainingSeconds: 1.5,
    ...changes,
  };
}
