import os from 'node:os';
import path from 'node:path';
import { AppError, notFound, type Candidate, type Job, type VersionReference } from '#contracts';
import type { BegunStage, JobService } from '#jobs';
import type { Delivery, QueueData } from '#queue';
import type { Logger } from '#runtime';
import type { Storage } from '#storage';
import type { WorkerMetrics } from '#telemetry';
import { chooseKnownEngine } from './choose-engine.js';
import type { DatasetCache } from './dataset-cache.js';
import { datasetFiles } from './dataset-files.js';
import { FencedProgress } from './fenced-progress.js';
import { isSuperseded, jobErrorOf } from './job-error.js';
import type { KnownEngines } from './known-engines.js';
import type { TrainingFolders } from './training-folders.js';
import type { TrainingOrder } from './training-messages.js';
import { noteAttempt } from './observability/observed-handler.js';
import { runObservedTraining } from './observability/observed-training.js';
import type { TrainingProcessOptions } from './training-process.js';

export interface TrainProcessorParts {
  readonly jobs: JobService;
  readonly storage: Pick<Storage, 'datasets' | 'artifacts' | 'lookups'>;
  readonly logger: Logger;
  readonly folders: TrainingFolders;
  /** What executors and providers this machine has. */
  readonly engines: KnownEngines;
  readonly datasetCache: DatasetCache;
  /** Trainings that share this machine's cores. */
  readonly concurrency: number;
  readonly process: TrainingProcessOptions;
  readonly metrics: WorkerMetrics;
}

/** Handles `train.cpu`: trains a job in a child process, or derives ratios of it, and stores what that leaves behind. */
export class TrainProcessor {
  constructor(private readonly parts: TrainProcessorParts) {}

  /** @throws what the queue is to retry, or to count as failed */
  async process({ jobId, stage: name }: QueueData<'train.cpu'>, delivery: Delivery): Promise<void> {
    const { jobs, logger } = this.parts;
    const stage = await jobs.begin(jobId, name);
    if (stage === undefined) return;
    noteAttempt(stage.attempt);
    const log = logger.child({ jobId, stage: name, attempt: stage.attempt });
    log.info('work on a job begins');
    try {
      const candidate = await this.compute(stage, delivery.signal, log);
      if (name === 'train') await jobs.trained(jobId, stage.attempt, candidate);
      else await jobs.adjusted(jobId, stage.attempt, candidate);
      log.info({ ratios: candidate.ratios.length }, 'work on a job ended');
      await this.dropCheckpoints(jobId, log);
    } catch (error) {
      if (delivery.signal.aborted || isSuperseded(error)) return this.leave(error, delivery, log);
      log.error({ err: error }, 'work on a job failed');
      const willRetry = delivery.willRetry(error);
      await jobs.failed(jobId, stage.attempt, jobErrorOf(error), willRetry).catch(unlessSuperseded);
      if (!willRetry && !isKeptAfter(error)) await this.dropCheckpoints(jobId, log);
      throw error;
    }
  }

  /** What is left of them is swept later. */
  private async dropCheckpoints(jobId: string, log: Logger): Promise<void> {
    await this.parts.folders
      .dropCheckpoints(jobId)
      .catch((error: unknown) => log.warn({ err: error }, 'checkpoints could not be removed'));
  }

  /** The job goes on elsewhere, or here later: nothing is written about it. */
  private leave(error: unknown, { signal }: Delivery, log: Logger): void {
    log.info(
      { reason: signal.aborted ? String(signal.reason) : (error as Error).message },
      'work on a job left',
    );
    signal.throwIfAborted();
  }

  private async compute(stage: BegunStage, stopped: AbortSignal, log: Logger): Promise<Candidate> {
    const { jobs, storage, folders, process, metrics } = this.parts;
    const superseded = new AbortController();
    const progress = new FencedProgress(stage, {
      ...{ jobs, log },
      onSuperseded: (error) => superseded.abort(error),
    });
    const folder = await folders.begin(stage);
    try {
      const order = await this.order(stage, folder);
      const signal = AbortSignal.any([stopped, superseded.signal]);
      const result = await runObservedTraining(order, { signal, listener: progress, log, metrics }, process);
      await progress.settled();
      return { bundle: await storage.artifacts.putFile(order.bundleFile), ...result };
    } finally {
      await folders.end(stage);
    }
  }

  private async order({ job }: BegunStage, folder: string): Promise<TrainingOrder> {
    const { storage, datasetCache, concurrency, folders, engines } = this.parts;
    const { network, training, datasetId, untrainedRatios, warmStart, comparison } = job.spec;
    const dataset = await storage.datasets.find(job, datasetId);
    if (dataset === undefined)
      throw new AppError('internal', `dataset "${datasetId}" of job "${job.id}" is gone`);
    const { digest, format, input, classes } = dataset;
    const choice = training.engine ?? {};
    const engine = await chooseKnownEngine(choice, engines);
    const files = await datasetFiles(dataset, datasetCache, path.join(folder, 'dataset'));
    const share = Math.max(1, Math.floor(os.availableParallelism() / concurrency));
    return {
      jobId: job.id,
      network,
      ratios: job.ratios,
      ...(untrainedRatios && { untrainedRatios }),
      ...(comparison && { comparison }),
      ...(job.stage === 'adjust' && { adjustment: await this.adjustment(job) }),
      ...(warmStart && { warmStart: await this.bundleOf(job, warmStart) }),
      training,
      engine: {
        ...engine,
        threads: choice.threads ?? training.threads ?? share,
      },
      dataset: { digest, format, input, classes, files },
      bundleFile: path.join(folder, 'bundle.safetensors'),
      checkpointFolder: folders.checkpointsOf(job.id),
    };
  }

  /** What verification asks for that the candidate does not have, and what it has from rounds before that nobody runs. */
  private async adjustment(job: Job): Promise<TrainingOrder['adjustment']> {
    const { candidate, verification } = job;
    if (candidate === undefined || verification === undefined)
      throw new AppError('internal', `job "${job.id}" has nothing to adjust`);
    const { bundle, ...result } = candidate;
    const known = candidate.ratios.map(({ ratio }) => ratio);
    const { points } = verification;
    const wanted = new Set(points.flatMap(({ nextRatio }) => nextRatio ?? []));
    const ratios = [...wanted].filter((ratio) => !known.includes(ratio)).sort((a, b) => a - b);
    const used = [
      ...wanted,
      ...points.flatMap(({ best }) => best?.ratio ?? []),
      ...(job.spec.untrainedRatios ?? []),
    ];
    const dropped = candidate.ratios.filter(({ ratio, derived }) => derived && !used.includes(ratio));
    return {
      ...{ result, ratios, dropped: dropped.map(({ ratio }) => ratio) },
      bundle: await this.parts.storage.artifacts.localFile(bundle.digest),
    };
  }

  /** A local file, to be read only. */
  private async bundleOf(job: Job, reference: VersionReference): Promise<string> {
    const { lookups, artifacts } = this.parts.storage;
    const version = await lookups.modelVersion(job, reference);
    if (version) return artifacts.localFile(version.bundle.digest);
    throw notFound('model version', `${reference.model} version ${reference.version}`);
  }
}

function unlessSuperseded(error: unknown): void {
  if (!isSuperseded(error)) throw error;
}

/** Whether somebody may want to look into the last checkpoint. */
const isKeptAfter = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'training_diverged';
