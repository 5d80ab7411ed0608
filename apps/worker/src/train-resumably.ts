import type { JobLog, JobProgress, MetricsBatch } from '#contracts';
import { isEvaluationDue, trainFamily, type TrainFamilyRequest, type TrainFamilyResult } from '#pruning';
import { isochronVersion } from '#runtime';
import type { CheckpointStore } from './checkpoints/checkpoint-store.port.js';
import { findCheckpoint } from './checkpoints/find-checkpoint.js';
import { keepCheckpoints } from './checkpoints/keep-checkpoints.js';
import { MetricsRecorder, type RecordedTraining } from './metrics-recorder.js';
import { ProgressReporter } from './progress-reporter.js';

/** What a training tells of itself while it runs. */
export interface TrainingListener {
  readonly onProgress: (progress: JobProgress) => void;
  /** Training goes on from a checkpoint: what came later is done again. */
  readonly onResumed: (progress: JobProgress) => void;
  readonly onLog: (log: JobLog) => void;
  /** Losses, speed and accuracies of consecutive steps; those of a step are told before a checkpoint that holds it. */
  readonly onMetrics: (batch: MetricsBatch) => void;
  /** Something new is kept. @param files all that a training can go on from, below the folder of the checkpoints */
  readonly onCheckpoint: (files: string[], progress: JobProgress) => void;
}

export interface ResumableTraining {
  /** Of the training, among those of its job. */
  readonly name: string;
  /** What the job calls the request's ratios; default: the same. */
  readonly ratios?: readonly number[];
  readonly store: CheckpointStore;
  /** Besides the checkpoints at the ends of epochs. */
  readonly checkpointEverySteps?: number | undefined;
  readonly checkpointEveryMinutes: number;
  /** All files below the folder of the job's checkpoints. */
  readonly kept: () => Promise<string[]>;
  /** Asks for a checkpoint after the step that is being done, and for the end of the training then. */
  readonly stop: AbortSignal;
}

export interface TrainedResumably extends TrainFamilyResult {
  /** Of all attempts, without what was done twice. */
  readonly trainingSeconds: number;
}

/** A training was asked to stop, and what it did is kept, as far as that can be. */
export class TrainingStopped extends Error {
  override readonly name = 'TrainingStopped';
}

/**
 * Trains on from the newest checkpoint that can be used, or from the beginning, and keeps new ones.
 * @throws TrainingStopped after the checkpoint that `stop` asks for, also where that could not be kept; what `trainFamily` throws
 */
export async function trainResumably(
  request: TrainFamilyRequest,
  options: ResumableTraining,
  listener: TrainingListener,
): Promise<TrainedResumably> {
  const { store, checkpointEverySteps: everySteps, checkpointEveryMinutes: everyMinutes } = options;
  const { onProgress, onResumed, onLog, onMetrics, onCheckpoint } = listener;
  const startedMs = performance.now();
  const warn = (message: string) => onLog({ level: 'warn', message });
  const found = await findCheckpoint(store, request, (checkpoint, reason) =>
    warn(`checkpoint ${checkpoint} is not used: ${reason}`),
  );
  const secondsBefore = Number(found?.metadata['trainingSeconds'] ?? 0);
  const trainingSeconds = () => secondsBefore + (performance.now() - startedMs) / 1000;
  const position = found?.checkpoint.position;
  if (position) onResumed({ stage: 'train', ...position });
  const { batchSize } = request.options;
  const reporter = new ProgressReporter(batchSize, onProgress, position?.fraction);
  const metrics = new MetricsRecorder(recordedTraining(request, options), onMetrics);
  const goOn = () => {
    metrics.flush();
    reporter.skipPause();
  };
  const stopped = new AbortController();
  const stopIfAsked = () => {
    if (options.stop.aborted) stopped.abort(new TrainingStopped('the training was asked to stop'));
  };
  const trained = await trainFamily({
    ...request,
    signal: stopped.signal,
    onProgress: (progress) => {
      metrics.record(progress);
      reporter.report(progress);
    },
    onEvaluated: ({ epoch }, accuracies) => {
      metrics.evaluated(epoch, accuracies);
      reporter.skipPause();
    },
    ...(found && { resumeFrom: found.checkpoint }),
    ...keepCheckpoints({
      ...{ store, everySteps, everyMinutes, stop: options.stop },
      metadata: () => ({ trainingSeconds: trainingSeconds(), isochronVersion: isochronVersion() }),
      onKept: async (at) => {
        goOn();
        onCheckpoint(await options.kept(), { stage: 'train', ...at });
        stopIfAsked();
      },
      onError: (error) => {
        goOn();
        warn(`a checkpoint could not be kept: ${error.message}`);
        stopIfAsked();
      },
    }),
  });
  metrics.flush();
  return { ...trained, trainingSeconds: trainingSeconds() };
}

function recordedTraining(
  request: TrainFamilyRequest,
  { name, ratios = request.ratios }: Pick<ResumableTraining, 'name' | 'ratios'>,
): RecordedTraining {
  const { options, evaluation, data } = request;
  return {
    ...{ name, ratios, batchSize: options.batchSize },
    evaluationImages: Math.min(evaluation?.images ?? 0, data.testCount),
    isEvaluated: (progress) => isEvaluationDue(request, progress),
  };
}
