import { CheckpointDamagedError, decodeCheckpoint, type CheckpointFile } from '#bundle';
import { CheckpointMismatchError, checkCheckpoint, type TrainFamilyRequest } from '#pruning';
import type { CheckpointStore, StoredCheckpoint } from './checkpoint-store.port.js';

/**
 * The newest checkpoint that a training can go on from; none where there is nothing, or nothing that is whole and of this
 * very training. Those that are not are discarded, so that they never count among the ones that are kept.
 * @param onRefused told of each of them, with the reason
 */
export async function findCheckpoint(
  store: CheckpointStore,
  request: TrainFamilyRequest,
  onRefused: (name: string, reason: string) => void,
): Promise<CheckpointFile | undefined> {
  for (const stored of await store.stored()) {
    try {
      const file = decodeCheckpoint(await contentOf(stored));
      checkCheckpoint(file.checkpoint, request);
      return file;
    } catch (error) {
      const isRefusal = error instanceof CheckpointDamagedError || error instanceof CheckpointMismatchError;
      if (!isRefusal) throw error;
      onRefused(stored.name, error.message);
      await stored.discard();
    }
  }
  return undefined;
}

function contentOf(stored: StoredCheckpoint): Promise<Uint8Array> {
  return stored.read().catch((cause: Error) => {
    throw new CheckpointDamagedError(`it cannot be read: ${cause.message}`, { cause });
  });
}
