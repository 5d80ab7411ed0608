import os from 'node:os';
import path from 'node:path';
import {
  AppError,
  notFound,
  type Candidate,
  type EngineChoice,
  type ExecutionPin,
  type Job,
  type VersionReference,
} from '#contracts';
import type { BegunStage, StageAdmission, WorkerIdentity, WorkerReports } from '#jobs';
import { MessageRefused, type Delivery, type QueueData } from '#queue';
import type { AddendaService } from '#registry';
import { cpuClass, type Logger } from '#runtime';
import type { Storage } from '#storage';
import type { WorkerMetrics } from '#telemetry';
import { AttemptControl, AttemptEnded } from './attempt-control.js';
import { AttemptReports } from './attempt-reports.js';
import { CheckpointMirror, dropCheckpoints } from './checkpoints/checkpoint-mirror.js';
import { chooseKnownEngine } from './choose-engine.js';
import type { DatasetCache } from './dataset-cache.js';
import { datasetFiles } from './dataset-files.js';
import { isSuperseded, jobErrorOf } from './job-error.js';
import type { KnownEngines } from './known-engines.js';
import type { HeldJobs } from './presence/held-jobs.js';
import { TrainingStopped } from './train-resumably.js';
import type { TrainingFolders } from './training-folders.js';
import type { TrainingOrder } from './training-messages.js';
import { noteAttempt } from './observability/observed-handler.js';
import { runObservedTraining } from './observability/observed-training.js';
import type { TrainingProcessOptions } from './training-process.js';

export interface TrainProcessorParts {
  readonly reports: WorkerReports;
  readonly admission: StageAdmission;
  readonly addenda: Pick<AddendaService, 'list' | 'draft'>;
  /** Told of the jobs that are trained here. */
  readonly held: HeldJobs;
  /** Tells others that the machine's engines are not what they were. */
  readonly onEnginesChanged: () => Promise<void>;
  readonly storage: Pick<Storage, 'datasets' | 'artifacts' | 'lookups' | 'objectFiles' | 'jobs' | 'wakeups'>;
  readonly logger: Logger;
  readonly folders: TrainingFolders;
  /** What executors and providers this machine has. */
  readonly engines: KnownEngines;
  readonly datasetCache: DatasetCache;
  /** Trainings that share this machine's cores. */
  readonly concurrency: number;
  /** How long a training has to keep a checkpoint when the worker goes. */
  readonly drainMs: number;
  readonly worker: WorkerIdentity;
  readonly process: TrainingProcessOptions;
  readonly metrics: WorkerMetrics;
}

/** The machine does not have the engine any more that it was given the job for. */
class Unequipped extends Error {
  override readonly name = 'Unequipped';
}

/** Handles trainings: trains a job in a child process, or derives ratios of it, and stores what that leaves behind. */
export class TrainProcessor {
  constructor(private readonly parts: TrainProcessorParts) {}

  /** @throws what the queue is to retry, or to count as failed */
  async process(
    { jobId, stage: name, generation }: QueueData<'train.cpu'>,
    delivery: Delivery,
  ): Promise<void> {
    const { admission, worker, held, logger } = this.parts;
    const taken = await admission.take({ jobId, stage: name, generation, worker });
    if (taken.type === 'over') return;
    if (taken.type === 'refused') {
      logger.debug({ jobId, reason: taken.reason }, 'a job is left to another worker');
      throw new MessageRefused(taken.reason, taken.isWanted);
    }
    held.add(taken.stage);
    try {
      await this.work(taken.stage, delivery);
    } finally {
      held.remove(taken.stage);
    }
  }

  private async work(stage: BegunStage, delivery: Delivery): Promise<void> {
    const { logger } = this.parts;
    const { id: jobId, stage: name } = stage.job;
    noteAttempt(stage);
    const log = logger.child({ jobId, stage: name, attempt: stage.attempt });
    log.info('work on a job begins');
    const control = this.controlOf(stage, delivery.signal, log);
    try {
      const candidate = await this.compute(stage, control, log);
      await this.store(stage, candidate);
      log.info({ ratios: candidate.ratios.length }, 'work on a job ended');
      await this.dropCheckpoints(jobId, log);
    } catch (error) {
      await this.end(error, stage, delivery, log);
    } finally {
      control.close();
    }
  }

  private async store({ job, attempt }: BegunStage, candidate: Candidate): Promise<void> {
    const { reports, addenda } = this.parts;
    if (job.stage === 'derive') await reports.derived(job.id, attempt, addenda.draft(job, candidate));
    else if (job.stage === 'adjust') await reports.adjusted(job.id, attempt, candidate);
    else await reports.trained(job.id, attempt, candidate);
  }

  private controlOf(stage: BegunStage, leaving: AbortSignal, log: Logger): AttemptControl {
    const { storage, drainMs } = this.parts;
    const { jobs, wakeups } = storage;
    const onError = (error: unknown) => log.warn({ err: error }, 'the job could not be looked at');
    return new AttemptControl(stage, leaving, { jobs, wakeups, drainMs, onError });
  }

  /** @throws what the queue is to retry, to count as failed or, when the worker goes, to put back */
  private async end(error: unknown, stage: BegunStage, delivery: Delivery, log: Logger): Promise<void> {
    const { reports } = this.parts;
    const { job, attempt } = stage;
    if (isSuperseded(error) || (error instanceof AttemptEnded && error.why === 'superseded')) {
      return log.info('another attempt has the job');
    }
    if (isStop(error)) {
      log.info({ reason: String(error) }, 'work on a job stopped');
      // First what a user asked for: a worker that goes has nothing to give back then.
      const { state } = await reports.stopped(job.id, attempt);
      if (state === 'paused' || state === 'cancelled' || !delivery.signal.aborted) return;
      const why = `worker "${this.parts.worker.name}" stops and hands the job back`;
      await reports.released(job.id, attempt, why).catch(unlessSuperseded);
      return delivery.signal.throwIfAborted();
    }
    if (error instanceof Unequipped) return this.leave(error, stage);
    log.error({ err: error }, 'work on a job failed');
    const willRetry = delivery.willRetry(error);
    const left = await reports.failed(job.id, attempt, jobErrorOf(error), willRetry).catch(unlessSuperseded);
    if (willRetry && left?.state === 'failed') {
      throw new AppError('internal', `given up: ${left.error?.message}`, { cause: error }); // not to be delivered again
    }
    throw error;
  }

  /** It is no fault of the job, nor is it one that another try here would mend: the job waits for a worker that has the engine. */
  private async leave({ message }: Unequipped, { job, attempt }: BegunStage): Promise<never> {
    await this.parts.reports.released(job.id, attempt, message).catch(unlessSuperseded);
    await this.parts.onEnginesChanged();
    throw new MessageRefused(message, false);
  }

  /** What is left of them is swept later. */
  private async dropCheckpoints(jobId: string, log: Logger): Promise<void> {
    await dropCheckpoints(this.parts.storage.objectFiles, jobId).catch((error: unknown) =>
      log.warn({ err: error }, 'checkpoints could not be removed'),
    );
  }

  private async compute(stage: BegunStage, control: AttemptControl, log: Logger): Promise<Candidate> {
    const { reports, storage, folders, process, metrics } = this.parts;
    const folder = await folders.begin(stage);
    const { stop, kill: signal } = control;
    const checkpointFolder = path.join(folder, 'checkpoints');
    const mirror = new CheckpointMirror({
      ...{ stage, files: storage.objectFiles, folder: checkpointFolder },
      now: () => new Date(),
    });
    const listener = new AttemptReports(stage, {
      ...{ reports, log, signal, onJob: control.see, onSuperseded: control.superseded },
      upload: (files) => mirror.upload(files),
      onCheckpointed: (checkpoint) => mirror.dropOthers(checkpoint),
    });
    try {
      await mirror.restore();
      const order = await this.prepared(stage, folder, checkpointFolder, control);
      const running = { signal, stop, listener, log, metrics };
      const result = await runObservedTraining(order, running, process).finally(() => listener.settled());
      signal.throwIfAborted();
      return { bundle: await storage.artifacts.putFile(order.bundleFile), ...result };
    } finally {
      await folders.end(stage);
    }
  }

  /** Its order, with the files that it names: large ones take a while to be fetched, and nobody waits for them who wants to stop. */
  private async prepared(
    stage: BegunStage,
    folder: string,
    checkpointFolder: string,
    { stop, kill }: AttemptControl,
  ): Promise<TrainingOrder> {
    try {
      return await this.order(stage, folder, checkpointFolder, AbortSignal.any([stop, kill]));
    } catch (error) {
      kill.throwIfAborted();
      if (stop.aborted)
        throw new TrainingStopped('the training was stopped before it began', { cause: error });
      throw error;
    }
  }

  private async order(
    { job, attempt }: BegunStage,
    folder: string,
    checkpointFolder: string,
    signal: AbortSignal,
  ): Promise<TrainingOrder> {
    const { storage, datasetCache, reports } = this.parts;
    const { network, training, datasetId, untrainedRatios, warmStart, comparison } = job.spec;
    const dataset = await storage.datasets.find(job, datasetId);
    if (dataset === undefined)
      throw new AppError('internal', `dataset "${datasetId}" of job "${job.id}" is gone`);
    const { digest, format, input, classes } = dataset;
    const choice = training.engine ?? {};
    const files = await datasetFiles(dataset, datasetCache, path.join(folder, 'dataset'), signal);
    const engine = job.pin ?? (await this.pinOf(choice, job.spec));
    if (job.pin === undefined) await reports.pinned(job.id, attempt, engine);
    return {
      jobId: job.id,
      network,
      ratios: job.ratios,
      ...(untrainedRatios && { untrainedRatios }),
      ...(comparison && { comparison }),
      ...(job.stage === 'derive' && { derivation: await this.derivation(job, folder) }),
      ...(job.stage === 'adjust' && { adjustment: await this.adjustment(job, folder) }),
      ...(warmStart && { warmStart: await this.bundleOf(job, warmStart, folder) }),
      training,
      engine: { executor: engine.executor, provider: engine.provider, threads: engine.threads },
      dataset: { digest, format, input, classes, files },
      bundleFile: path.join(folder, 'bundle.safetensors'),
      checkpointFolder,
    };
  }

  /** What this machine gives a job that runs for the first time. */
  private async pinOf(
    choice: EngineChoice,
    { training: { threads }, requires }: Job['spec'],
  ): Promise<ExecutionPin> {
    const { engines, concurrency } = this.parts;
    const { executor, provider } = await chooseKnownEngine(choice, engines, requires?.device).catch(
      (error: unknown) => {
        throw error instanceof AppError ? new Unequipped(error.message, { cause: error }) : error;
      },
    );
    const share = Math.max(1, Math.floor(os.availableParallelism() / concurrency));
    return { executor, provider, threads: choice.threads ?? threads ?? share, cpuClass: cpuClass() };
  }

  /** What verification asks for that the candidate does not have, and what it has from rounds before that nobody runs. */
  private async adjustment(job: Job, folder: string): Promise<TrainingOrder['adjustment']> {
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
      bundle: await this.provide(bundle.digest, path.join(folder, 'adjusted.bundle')),
    };
  }

  /** What the version has by now: also what was added to it since the job was submitted. */
  private async derivation(job: Job, folder: string): Promise<TrainingOrder['derivation']> {
    const { derivation } = job;
    if (derivation === undefined)
      throw new AppError('internal', `job "${job.id}" derives no ratios of a version`);
    const { model, version, ratios } = derivation;
    const added = await this.parts.addenda.list(job, model, version);
    const addenda = added.map(({ digest }, index) =>
      this.provide(digest, path.join(folder, `${index}.addendum`)),
    );
    return {
      ratios,
      bundle: await this.bundleOf(job, derivation, folder),
      addenda: await Promise.all(addenda),
    };
  }

  /** A local file, to be read only. */
  private async bundleOf(job: Job, reference: VersionReference, folder: string): Promise<string> {
    const version = await this.parts.storage.lookups.modelVersion(job, reference);
    if (version) return this.provide(version.bundle.digest, path.join(folder, 'published.bundle'));
    throw notFound('model version', `${reference.model} version ${reference.version}`);
  }

  /** The path, once an artifact is there. */
  private async provide(digest: string, target: string): Promise<string> {
    await this.parts.datasetCache.provide(digest, target);
    return target;
  }
}

function unlessSuperseded(error: unknown): undefined {
  if (!isSuperseded(error)) throw error;
}

/** Whether the work ended because it was to end. */
const isStop = (error: unknown): boolean => error instanceof AttemptEnded || error instanceof TrainingStopped;
