import { createHash } from 'node:crypto';
import { CheckpointMismatchError, type Fingerprint, type TrainingCheckpoint } from './checkpoint.js';
import type { TrainFamilyRequest } from './train-family.js';

/** The fingerprint of a training; fields of the caller's stand under their own names. */
export function fingerprintOf(request: TrainFamilyRequest): Fingerprint {
  const { network, ratios, data, options, executor, environment } = request;
  const { name, provider, version, threads } = executor.info;
  return {
    network: `sha256:${createHash('sha256').update(JSON.stringify(network)).digest('hex')}`,
    ratios: ratios.join(', '),
    ...prefixed('options', options),
    ...prefixed('data', { trainCount: data.trainCount, testCount: data.testCount }),
    ...prefixed('executor', { name, provider, version, threads }),
    ...environment,
  };
}

/**
 * Whether training would go on from a checkpoint.
 * @throws CheckpointMismatchError naming the first field that differs, with both values.
 */
export function checkCheckpoint(checkpoint: TrainingCheckpoint, request: TrainFamilyRequest): void {
  const [found, expected] = [checkpoint.fingerprint, fingerprintOf(request)];
  for (const field of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    if (found[field] !== expected[field]) {
      throw new CheckpointMismatchError(field, found[field], expected[field]);
    }
  }
}

function prefixed(prefix: string, fields: object): Fingerprint {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    known.map(([field, value]) => [
      `${prefix}.${field}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
