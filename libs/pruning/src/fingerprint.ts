import { createHash } from 'node:crypto';
import { CheckpointMismatchError, type Fingerprint, type TrainingCheckpoint } from './checkpoint.js';
import type { Family } from './family.js';
import type { TrainFamilyRequest } from './train-family.js';

/** The fingerprint of a training; fields of the caller's stand under their own names. */
export function fingerprintOf(request: TrainFamilyRequest): Fingerprint {
  const { network, ratios, untrainedRatios = [], warmStart, data, options, executor, environment } = request;
  const { name, provider, version, threads } = executor.info;
  return {
    network: `sha256:${createHash('sha256').update(JSON.stringify(network)).digest('hex')}`,
    ratios: ratios.join(', '),
    ...(untrainedRatios.length > 0 && { untrainedRatios: untrainedRatios.join(', ') }),
    ...(warmStart && { warmStart: digestOf(warmStart) }),
    ...prefixed('options', options),
    ...prefixed('data', { trainCount: data.trainCount, testCount: data.testCount }),
    ...prefixed('executor', { name, provider, version, threads }),
    ...environment,
  };
}

/** Of all that training begins with: weights, and BatchNorm of the dense subnet. */
function digestOf({ parameters, members }: Family): string {
  const hash = createHash('sha256');
  for (const { data } of Object.values(parameters)) hash.update(bytesOf(data));
  for (const { scale, shift } of Object.values(members[0]?.batchNorm ?? {})) {
    hash.update(bytesOf(scale)).update(bytesOf(shift));
  }
  return `sha256:${hash.digest('hex')}`;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

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
