import { mkdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AppError, type Candidate } from '#contracts';
import type { BegunStage, JobService } from '#jobs';
import type { Delivery, QueueData } from '#queue';
import type { Logger } from '#runtime';
import type { Storage } from '#storage';
import { datasetFiles } from './dataset-files.js';
import { FencedProgress } from './fenced-progress.js';
import { isSuperseded, jobErrorOf } from './job-error.js';
import type { TrainingOrder } from './training-messages.js';
import { runInTrainingProcess, type TrainingProcessOptions } from './training-process.js';

export interface TrainProcessorParts {
  readonly jobs: JobService;
  readonly storage: Pick<Storage, 'datasets' | 'artifacts'>;
  readonly logger: Logger;
  /** Folder for files of trainings that run. */
  readonly workFolder: string;
  /** Trainings that share this machine's cores. */
  readonly concurrency: number;
  readonly process: TrainingProcessOptions;
}

/** Handles `train.cpu`: trains a job in a child process, and stores what it leaves behind. */
export class TrainProcessor {
  constructor(private readonly parts: TrainProcessorParts) {}

  /** @throws what the queue is to retry, or to count as failed */
  async process({ jobId }: QueueData<'train.cpu'>, delivery: Delivery): Promise<void> {
    const { jobs, logger } = this.parts;
    const stage = await jobs.begin(jobId, 'train');
    if (stage === undefined) return;
    const log = logger.child({ jobId, attempt: stage.attempt });
    log.info('training begins');
    try {
      const candidate = await this.train(stage, delivery.signal, log);
      await jobs.trained(jobId, stage.attempt, candidate);
      log.info({ seconds: candidate.trainingSeconds }, 'training ended');
    } catch (error) {
      if (delivery.signal.aborted || isSuperseded(error)) return this.leave(error, delivery, log);
      log.error({ err: error }, 'training failed');
      await jobs
        .failed(jobId, stage.attempt, jobErrorOf(error), delivery.willRetry(error))
        .catch(unlessSuperseded);
      throw error;
    }
  }

  /** The job goes on elsewhere, or here later: nothing is written about it. */
  private leave(error: unknown, { signal }: Delivery, log: Logger): void {
    log.info({ reason: signal.aborted ? String(signal.reason) : (error as Error).message }, 'training left');
    signal.throwIfAborted();
  }

  private async train(stage: BegunStage, stopped: AbortSignal, log: Logger): Promise<Candidate> {
    const { jobs, storage, workFolder, process } = this.parts;
    const superseded = new AbortController();
    const progress = new FencedProgress(stage, {
      jobs,
      onSuperseded: (error) => superseded.abort(error),
      onError: (error) => log.warn({ err: error }, 'progress could not be stored'),
    });
    const folder = path.join(workFolder, `${stage.job.id}.${stage.attempt}`);
    await mkdir(folder, { recursive: true });
    try {
      const order = await this.order(stage, path.join(folder, 'bundle.safetensors'));
      const signal = AbortSignal.any([stopped, superseded.signal]);
      const result = await runInTrainingProcess(
        order,
        { signal, onProgress: (reported) => progress.report(reported) },
        process,
      );
      await progress.settled();
      return { bundle: await storage.artifacts.putFile(order.bundleFile), ...result };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async order({ job }: BegunStage, bundleFile: string): Promise<TrainingOrder> {
    const { storage, concurrency } = this.parts;
    const { network, training, datasetId } = job.spec;
    const dataset = await storage.datasets.find(job, datasetId);
    if (dataset === undefined)
      throw new AppError('internal', `dataset "${datasetId}" of job "${job.id}" is gone`);
    const { digest, input, classes } = dataset;
    const files = await datasetFiles(dataset, storage.artifacts);
    return {
      jobId: job.id,
      network,
      ratios: job.ratios,
      training,
      threads: training.threads ?? Math.max(1, Math.floor(os.availableParallelism() / concurrency)),
      dataset: { digest, input, classes, files },
      bundleFile,
    };
  }
}

function unlessSuperseded(error: unknown): void {
  if (!isSuperseded(error)) throw error;
}
