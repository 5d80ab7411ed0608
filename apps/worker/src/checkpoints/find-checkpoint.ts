import { CheckpointDamagedError, decodeCheckpoint, type CheckpointFile } from '#bundle';
import { CheckpointMismatchError, checkCheckpoint, type TrainFamilyRequest } from '#pruning';
import type { CheckpointStore } from './checkpoint-store.port.js';

/**
 * The newest checkpoint that a training can go on from; none where there is nothing, or nothing that is whole and of this
 * very training. Damaged ones are discarded, so that they never count among the ones that are kept; those of another
 * training stay, since a later attempt, on another engine or with other threads, may be able to go on from them.
 * @param onRefused told of each of them, with the reason
 * @throws the store's error for one that is there and cannot be read now: it may be whole
 */
export async function findCheckpoint(
  store: CheckpointStore,
  request: TrainFamilyRequest,
  onRefused: (name: string, reason: string) => void,
): Promise<CheckpointFile | undefined> {
  for (const stored of await store.stored()) {
    const content = await stored.read();
    if (content === undefined) continue;
    try {
      const file = decodeCheckpoint(content);
      checkCheckpoint(file.checkpoint, request);
      return file;
    } catch (error) {
      const isDamaged = error instanceof CheckpointDamagedError;
      if (!isDamaged && !(error instanceof CheckpointMismatchError)) throw error;
      onRefused(stored.name, error.message);
      if (isDamaged) await stored.discard();
    }
  }
  return undefined;
}
