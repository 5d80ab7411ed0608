import type { JobLog, JobProgress, MetricsBatch } from '#contracts';
import { trainFamily, type TrainFamilyRequest, type TrainFamilyResult } from '#pruning';
import { isochronVersion } from '#runtime';
import type { CheckpointStore } from './checkpoints/checkpoint-store.port.js';
import { findCheckpoint } from './checkpoints/find-checkpoint.js';
import { keepCheckpoints } from './checkpoints/keep-checkpoints.js';
import { LossRecorder } from './loss-recorder.js';
import { ProgressReporter } from './progress-reporter.js';

/** What a training tells of itself while it runs. */
export interface TrainingListener {
  readonly onProgress: (progress: JobProgress) => void;
  /** Training goes on from a checkpoint: what came later is done again. */
  readonly onResumed: (progress: JobProgress) => void;
  readonly onLog: (log: JobLog) => void;
  /** Losses of consecutive steps; those of a step are told before a checkpoint that holds it. */
  readonly onMetrics: (batch: MetricsBatch) => void;
  /** Something new is kept. @param files all that a training can go on from, below the folder of the checkpoints */
  readonly onCheckpoint: (files: string[], progress: JobProgress) => void;
}

export interface ResumableTraining {
  /** Of the training, among those of its job. */
  readonly name: string;
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
  const { name, store, checkpointEverySteps: everySteps, checkpointEveryMinutes: everyMinutes } = options;
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
  const reporter = new ProgressReporter(request.options.batchSize, onProgress, position?.fraction);
  const losses = new LossRecorder(name, onMetrics);
  const stopped = new AbortController();
  const stopIfAsked = () => {
    if (options.stop.aborted) stopped.abort(new TrainingStopped('the training was asked to stop'));
  };
  const trained = await trainFamily({
    ...request,
    signal: stopped.signal,
    onProgress: (progress) => {
      losses.record(progress);
      reporter.report(progress);
    },
    ...(found && { resumeFrom: found.checkpoint }),
    ...keepCheckpoints({
      ...{ store, everySteps, everyMinutes, stop: options.stop },
      metadata: () => ({ trainingSeconds: trainingSeconds(), isochronVersion: isochronVersion() }),
      onKept: async (at) => {
        losses.flush();
        onCheckpoint(await options.kept(), { stage: 'train', ...at });
        stopIfAsked();
      },
      onError: (error) => {
        warn(`a checkpoint could not be kept: ${error.message}`);
        stopIfAsked();
      },
    }),
  });
  losses.flush();
  return { ...trained, trainingSeconds: trainingSeconds() };
}
