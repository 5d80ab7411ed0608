import type { JobLog, JobProgress } from '#contracts';
import { trainFamily, type TrainFamilyRequest, type TrainFamilyResult } from '#pruning';
import type { CheckpointStore } from './checkpoints/checkpoint-store.port.js';
import { findCheckpoint } from './checkpoints/find-checkpoint.js';
import { keepCheckpoints } from './checkpoints/keep-checkpoints.js';
import { ProgressReporter } from './progress-reporter.js';

/** What a training tells of itself while it runs. */
export interface TrainingListener {
  readonly onProgress: (progress: JobProgress) => void;
  /** Training goes on from a checkpoint: what came later is done again. */
  readonly onResumed: (progress: JobProgress) => void;
  readonly onLog: (log: JobLog) => void;
}

export interface ResumableTraining {
  readonly store: CheckpointStore;
  /** Besides the checkpoints at the ends of epochs. */
  readonly checkpointEverySteps?: number | undefined;
  readonly checkpointEveryMinutes: number;
}

export interface TrainedResumably extends TrainFamilyResult {
  /** Of all attempts, without what was done twice. */
  readonly trainingSeconds: number;
}

/**
 * Trains on from the newest checkpoint that can be used, or from the beginning, and keeps new ones.
 * @throws what `trainFamily` throws
 */
export async function trainResumably(
  request: TrainFamilyRequest,
  { store, checkpointEverySteps: everySteps, checkpointEveryMinutes: everyMinutes }: ResumableTraining,
  { onProgress, onResumed, onLog }: TrainingListener,
): Promise<TrainedResumably> {
  const startedMs = performance.now();
  const warn = (message: string) => onLog({ level: 'warn', message });
  const found = await findCheckpoint(store, request, (name, reason) =>
    warn(`checkpoint ${name} is not used: ${reason}`),
  );
  const secondsBefore = Number(found?.metadata['trainingSeconds'] ?? 0);
  const trainingSeconds = () => secondsBefore + (performance.now() - startedMs) / 1000;
  const position = found?.checkpoint.position;
  if (position) onResumed({ stage: 'train', ...position });
  const reporter = new ProgressReporter(request.options.batchSize, onProgress, position?.fraction);
  const trained = await trainFamily({
    ...request,
    onProgress: (progress) => reporter.report(progress),
    ...(found && { resumeFrom: found.checkpoint }),
    ...keepCheckpoints({
      ...{ store, everySteps, everyMinutes },
      metadata: () => ({ trainingSeconds: trainingSeconds() }),
      onError: (error) => warn(`a checkpoint could not be kept: ${error.message}`),
    }),
  });
  return { ...trained, trainingSeconds: trainingSeconds() };
}
