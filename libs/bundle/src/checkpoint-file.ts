import type { TrainingCheckpoint } from '#pruning';
import { openSealed, writeSealed } from './sealed-file.js';

const KIND = { format: 'isochron-checkpoint', version: '1' };

/** A checkpoint with what its keeper wants to know of it. */
export interface CheckpointFile {
  readonly checkpoint: TrainingCheckpoint;
  /** Must survive JSON. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Thrown when bytes are no checkpoint that this version can read: names what was found and what was expected. */
export class CheckpointDamagedError extends Error {
  override readonly name = 'CheckpointDamagedError';
}

/** One safetensors file; its `__metadata__` holds the file's digest (SHA-256 with zeros in the digest's own place). */
export function encodeCheckpoint({ checkpoint, metadata }: CheckpointFile): Uint8Array {
  const { tensors, ...rest } = checkpoint;
  const texts = { checkpoint: JSON.stringify(rest), metadata: JSON.stringify(metadata) };
  return writeSealed(KIND, { tensors, texts });
}

/**
 * Reads what `encodeCheckpoint` wrote, to the last bit.
 * @throws CheckpointDamagedError on a truncated or altered file, or another format or version.
 */
export function decodeCheckpoint(bytes: Uint8Array): CheckpointFile {
  try {
    const { tensors, texts } = openSealed(bytes, KIND);
    const rest = JSON.parse(texts['checkpoint'] ?? '') as Omit<TrainingCheckpoint, 'tensors'>;
    return {
      checkpoint: { ...rest, tensors },
      metadata: JSON.parse(texts['metadata'] ?? '') as CheckpointFile['metadata'],
    };
  } catch (cause) {
    throw new CheckpointDamagedError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
