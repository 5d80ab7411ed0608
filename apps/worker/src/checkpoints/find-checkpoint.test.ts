import { encodeCheckpoint } from '#bundle';
import { resNet } from '#network';
import {
  checkCheckpoint,
  type CheckpointMismatchError,
  type Fingerprint,
  type TrainFamilyRequest,
  type TrainingCheckpoint,
} from '#pruning';
import type { CheckpointStore } from './checkpoint-store.port.js';
import { findCheckpoint } from './find-checkpoint.js';
import { keepCheckpoints } from './keep-checkpoints.js';

const input = { channels: 1, height: 8, width: 8 };
const request: TrainFamilyRequest = {
  network: resNet({ depth: 8, input, classes: 2, widthMultiplier: 0.25 }),
  ratios: [0],
  options: {
    ...{ warmupEpochs: 0, maskEpochs: 1, jointEpochs: 1, batchSize: 8, recalibrationBatches: 1, seed: 1 },
    ...{ learningRate: 0.1, momentum: 0.9, weightDecay: 0, maskLearningRate: 0.1, distillationWeight: 0.5 },
    ...{ minChannels: 1, channelMultiple: 1 },
  },
  data: {
    ...{ trainCount: 8, testCount: 8, input, classes: 2 },
    ...{ trainBatches: () => [], recalibrationBatches: () => [], testBatches: () => [] },
  },
  executor: {
    info: { name: 'onnxruntime', provider: 'cpu', version: '1', threads: 1 },
    compile: () => Promise.reject(new Error('nothing is to be run here')),
  },
  environment: { cpuClass: 'x86-64 intel avx512' },
};

/** The request's fingerprint, as a checkpoint of it has it. */
function fingerprint(): Fingerprint {
  const found: Record<string, string> = {};
  for (;;) {
    try {
      checkCheckpoint({ ...checkpoint, fingerprint: found }, request);
      return found;
    } catch (error) {
      const { field, expected } = error as CheckpointMismatchError;
      found[field] = expected!;
    }
  }
}

const position = { phase: 'mask' as const, epoch: 1, epochs: 1, step: 1, steps: 1, fraction: 0.2 };
const checkpoint: TrainingCheckpoint = { fingerprint: {}, position, tensors: {} };
const encoded = (changes: Fingerprint, step: number) =>
  encodeCheckpoint({
    checkpoint: {
      ...checkpoint,
      position: { ...position, step },
      fingerprint: { ...fingerprint(), ...changes },
    },
    metadata: { trainingSeconds: step },
  });

/** In memory, the newest first. */
function storeOf(...kept: (Uint8Array | Error | undefined)[]) {
  const discarded: string[] = [];
  const store: CheckpointStore = {
    save: (bytes) => Promise.resolve(void kept.unshift(bytes)),
    stored: () =>
      Promise.resolve(
        kept.map((content, index) => ({
          name: `checkpoint ${index}`,
          read: () => (content instanceof Error ? Promise.reject(content) : Promise.resolve(content)),
          discard: () => Promise.resolve(void discarded.push(`checkpoint ${index}`)),
        })),
      ),
  };
  return { store, discarded, kept };
}

test('takes the newest that is whole and of this training, and discards damaged ones before it', async () => {
  const { store, discarded } = storeOf(
    encoded({}, 4).subarray(0, 500),
    encoded({ cpuClass: 'x86-64 amd avx2' }, 3),
    undefined,
    encoded({}, 2),
    encoded({}, 1),
  );
  const refused: string[] = [];
  const found = await findCheckpoint(store, request, (name, reason) => refused.push(`${name}: ${reason}`));
  expect(found).toMatchObject({ checkpoint: { position: { step: 2 } }, metadata: { trainingSeconds: 2 } });
  expect(refused).toEqual([
    expect.stringContaining('checkpoint 0: the header should end'),
    "checkpoint 1: the checkpoint belongs to another training: its cpuClass is x86-64 amd avx2, this one's is " +
      'x86-64 intel avx512',
  ]);
  expect(discarded).toEqual(['checkpoint 0']);
});

test('one that cannot be read now may be whole: it is neither passed over nor discarded', async () => {
  const { store, discarded } = storeOf(new Error('EMFILE: too many open files'), encoded({}, 1));
  await expect(findCheckpoint(store, request, () => {})).rejects.toThrow('EMFILE');
  expect(discarded).toEqual([]);
});

test('finds none where there is none, or none of this training', async () => {
  const refuse = () => {};
  expect(await findCheckpoint(storeOf().store, request, refuse)).toBeUndefined();
  const { store } = storeOf(encoded({ isochron: '0.0.1' }, 1));
  expect(await findCheckpoint(store, request, refuse)).toBeUndefined();
});

describe('keeping checkpoints', () => {
  const keeping = (store: CheckpointStore, more: { everySteps?: number } = {}) => {
    const clock = { ms: 0 };
    const errors: string[] = [];
    const hooks = keepCheckpoints({
      ...{ store, everyMinutes: 5, stop: new AbortController().signal, ...more },
      onKept: () => Promise.resolve(),
      metadata: () => ({ trainingSeconds: 7 }),
      onError: ({ message }) => errors.push(message),
      nowMs: () => clock.ms,
    });
    return { ...hooks, clock, errors };
  };

  test('at the ends of epochs, every so many steps and every so many minutes', async () => {
    const { isCheckpointDue, onCheckpoint, clock } = keeping(storeOf().store, { everySteps: 10 });
    expect(isCheckpointDue({ ...position, step: 3 }, true)).toBe(true);
    expect(isCheckpointDue({ ...position, step: 3 }, false)).toBe(false);
    expect(isCheckpointDue({ ...position, step: 20 }, false)).toBe(true);
    clock.ms = 5 * 60_000;
    expect(isCheckpointDue({ ...position, step: 3 }, false)).toBe(true);
    await onCheckpoint(checkpoint);
    expect(isCheckpointDue({ ...position, step: 4 }, false)).toBe(false);
  });

  test('one that cannot be kept is said and does not end the training', async () => {
    const full: CheckpointStore = { ...storeOf().store, save: () => Promise.reject(new Error('ENOSPC')) };
    const { onCheckpoint, errors } = keeping(full);
    await onCheckpoint(checkpoint);
    expect(errors).toEqual(['ENOSPC']);
  });
});
