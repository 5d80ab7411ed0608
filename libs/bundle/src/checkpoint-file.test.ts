import fc from 'fast-check';
import type { TrainingCheckpoint } from '#pruning';
import { CheckpointDamagedError, decodeCheckpoint, encodeCheckpoint, writeBundle } from './index.js';

const checkpoint: TrainingCheckpoint = {
  fingerprint: { network: 'sha256:ab', 'options.learningRate': '0.05' },
  position: { phase: 'joint', epoch: 2, epochs: 3, step: 7, steps: 12, loss: 0.1 + 0.2, fraction: 1 / 3 },
  tensors: {
    'stem.weight': { shape: [2, 1, 1, 2], data: Float32Array.of(1 / 3, -0, 1e-45, 3.4e38) },
    'optimizer.step': { shape: [], data: Float32Array.of(7) },
    'stem.mask': { shape: [2], data: new Float32Array([9, 0.5, 0.25]).subarray(1) },
  },
  solutions: [{ ratio: 0.5, threshold: 0.1 + 0.7, widths: { stem: 1 } }],
};
const file = { checkpoint, metadata: { trainingSeconds: 1.5 } };
const bytes = encodeCheckpoint(file);

test('gives a checkpoint back, to the last bit', () => {
  expect(decodeCheckpoint(bytes)).toEqual(file);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  expect(decodeCheckpoint(shifted.subarray(1))).toEqual(file);
});

test('refuses a file that was truncated, wherever', () => {
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), (length) => {
      expect(() => decodeCheckpoint(bytes.subarray(0, length))).toThrow(CheckpointDamagedError);
    }),
  );
  expect(() => decodeCheckpoint(bytes.subarray(0, bytes.length - 4))).toThrow(
    /mask": F32 .* within the file/,
  );
});

test('refuses a file in which a bit was altered, wherever', () => {
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(7), (place, bit) => {
      const altered = Uint8Array.from(bytes);
      altered[place]! ^= 1 << bit;
      expect(() => decodeCheckpoint(altered)).toThrow(CheckpointDamagedError);
    }),
  );
  const altered = Uint8Array.from(bytes);
  altered[bytes.length - 1]! ^= 1;
  expect(() => decodeCheckpoint(altered)).toThrow(/it was altered: its digest is [0-9a-f]{64}, expected/);
});

test('refuses a file that is something else', () => {
  expect(() => decodeCheckpoint(Buffer.from('none'))).toThrow(/4 bytes are too few/);
  const network = { name: 'none', input: { channels: 1, height: 8, width: 8 }, classes: 2, layers: [] };
  const bundle = writeBundle({ network, parameters: {}, mask: {}, members: [] }, {});
  expect(() => decodeCheckpoint(bundle)).toThrow(
    /format is isochron-bundle version 1, expected isochron-check/,
  );
});
