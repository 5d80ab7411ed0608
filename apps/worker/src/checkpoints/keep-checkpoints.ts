import { encodeCheckpoint } from '#bundle';
import type { TrainFamilyProgress, TrainFamilyRequest, TrainingCheckpoint } from '#pruning';
import type { CheckpointStore } from './checkpoint-store.port.js';

export interface KeepCheckpointsOptions {
  readonly store: CheckpointStore;
  /** Besides those at the ends of epochs. */
  readonly everySteps?: number | undefined;
  readonly everyMinutes: number;
  /** What is to be kept beside a checkpoint. */
  readonly metadata: () => Readonly<Record<string, unknown>>;
  /** Makes a checkpoint due after every step. */
  readonly stop: AbortSignal;
  /** Told of a checkpoint that is kept; training waits for it. */
  readonly onKept: (at: TrainFamilyProgress) => Promise<void>;
  /** Told of a checkpoint that could not be kept: training goes on, and has the one before. */
  readonly onError: (error: Error) => void;
  /** A clock that only goes forward. */
  readonly nowMs?: () => number;
}

type CheckpointHooks = Required<Pick<TrainFamilyRequest, 'onCheckpoint' | 'isCheckpointDue'>>;

/** How a training keeps checkpoints: at the end of every epoch, and in between by steps and by time. */
export function keepCheckpoints(options: KeepCheckpointsOptions): CheckpointHooks {
  const { store, everySteps = Infinity, everyMinutes, metadata, stop, onKept, onError } = options;
  const { nowMs = () => performance.now() } = options;
  let lastMs = nowMs();
  const isDue = ({ step }: TrainFamilyProgress, endsEpoch: boolean): boolean =>
    endsEpoch || stop.aborted || step % everySteps === 0 || nowMs() - lastMs >= everyMinutes * 60_000;
  const keep = async (checkpoint: TrainingCheckpoint): Promise<void> => {
    lastMs = nowMs();
    const bytes = encodeCheckpoint({ checkpoint, metadata: metadata() });
    try {
      await store.save(bytes);
    } catch (error) {
      return onError(error as Error);
    }
    await onKept(checkpoint.position);
  };
  return { isCheckpointDue: isDue, onCheckpoint: keep };
}
