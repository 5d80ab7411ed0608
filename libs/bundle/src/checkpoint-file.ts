import type { TrainingCheckpoint } from '#pruning';
import { NO_DIGEST, digestWithout, seal } from './bundle-digest.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';

const FORMAT = 'isochron-checkpoint';
const VERSION = '1';

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
  // The digest stands first, so that its first place in the file is its own.
  const identity = { digest: NO_DIGEST, format: FORMAT, version: VERSION };
  const json = { checkpoint: JSON.stringify(rest), metadata: JSON.stringify(metadata) };
  return seal(encodeSafetensors({ tensors, metadata: { ...identity, ...json } }));
}

/**
 * Reads what `encodeCheckpoint` wrote, to the last bit.
 * @throws CheckpointDamagedError on a truncated or altered file, or another format or version.
 */
export function decodeCheckpoint(bytes: Uint8Array): CheckpointFile {
  try {
    const { tensors, metadata } = decodeSafetensors(bytes);
    const { digest = '', format, version, checkpoint = '', metadata: kept = '' } = metadata;
    if (format !== FORMAT || version !== VERSION) {
      const found = `${String(format)} version ${String(version)}`;
      throw new CheckpointDamagedError(`its format is ${found}, expected ${FORMAT} version ${VERSION}`);
    }
    const actual = digestWithout(digest, bytes);
    if (actual !== digest) {
      throw new CheckpointDamagedError(`it was altered: its digest is ${actual}, expected ${digest}`);
    }
    const rest = JSON.parse(checkpoint) as Omit<TrainingCheckpoint, 'tensors'>;
    return {
      checkpoint: { ...rest, tensors },
      metadata: JSON.parse(kept) as CheckpointFile['metadata'],
    };
  } catch (cause) {
    if (cause instanceof CheckpointDamagedError) throw cause;
    throw new CheckpointDamagedError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
