/** Whatever happens to a file, a reader gives what was written or a BundleError, and takes no more memory than the file is long. */
import fc from 'fast-check';
import { INPUT, type Network } from '#network';
import {
  BundleError,
  BundleScan,
  applyAddendum,
  readAddendum,
  readBundle,
  writeAddendum,
  writeBundle,
} from './index.js';
import { forge, forgeManifest } from './testing/forge.js';
import { headerOf } from './testing/header-of.js';
import { noisyFamily } from './testing/noisy-family.js';

const network: Network = {
  ...{ name: 'tiny', input: { channels: 1, height: 8, width: 8 }, classes: 3 },
  layers: [
    { kind: 'conv', name: 'a', input: INPUT, outChannels: 5, kernel: 3, stride: 1, padding: 1 },
    { kind: 'batch-norm', name: 'a.bn', input: 'a' },
    { kind: 'relu', name: 'a.relu', input: 'a.bn', max: 6 },
    {
      ...{ kind: 'conv', name: 'b', input: 'a.relu', outChannels: 5, kernel: 3, stride: 2, padding: 1 },
      groups: 'depthwise',
    },
    { kind: 'concat', name: 'ab', inputs: ['b', 'b'] },
    { kind: 'batch-norm', name: 'ab.bn', input: 'ab' },
    { kind: 'global-average-pool', name: 'pool', input: 'ab.bn' },
    { kind: 'dense', name: 'classifier', input: 'pool', outFeatures: 3 },
  ],
};
const family = noisyFamily(network, [0, 0.3, 0.6]);
const bundleBytes = writeBundle({ ...family, members: family.members.toSpliced(1, 1) }, { seed: 1 });
const bundle = readBundle(bundleBytes);
const addendumBytes = writeAddendum(family, { base: bundle.digest, ratios: [0.3], metadata: {} });

const FILES: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ['a bundle', bundleBytes, (bytes) => readBundle(bytes).family],
  ['a bundle in pieces', bundleBytes, scanned],
  ['an addendum', addendumBytes, (bytes) => applyAddendum(bundle, readAddendum(bytes)).family],
];

function scanned(bytes: Uint8Array): unknown {
  const scan = new BundleScan();
  for (let at = 0; at < bytes.length; at += 500) scan.add(bytes.subarray(at, at + 500));
  return scan.finish();
}

/** What a reader makes of a file: a family, or a BundleError. Anything else that it throws fails the test. */
function outcome(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof BundleError) return error;
    throw error;
  }
}

describe.each(FILES)('%s', (_, file, read) => {
  const written = read(file);
  const isRefused = (bytes: Uint8Array) => expect(outcome(read, bytes)).toBeInstanceOf(BundleError);
  const isRefusedOrTheSame = (bytes: Uint8Array) => {
    const result = outcome(read, bytes);
    if (!(result instanceof BundleError)) expect(result).toEqual(written);
  };

  test('with any bit of any byte flipped is refused', () => {
    for (let place = 0; place < file.length; place++) {
      const altered = Uint8Array.from(file);
      altered[place]! ^= 1 << (place % 8);
      isRefused(altered);
    }
  });

  test('cut after any byte is refused', () => {
    for (let length = 0; length < file.length; length++) isRefused(file.subarray(0, length));
  });

  test('with bytes put in, left out or overwritten is refused', () => {
    const place = fc.nat(file.length - 1);
    fc.assert(
      fc.property(place, fc.nat(16), fc.uint8Array({ maxLength: 16 }), (at, removed, added) => {
        const altered = Buffer.concat([file.subarray(0, at), added, file.subarray(at + removed)]);
        if (!altered.equals(file)) isRefused(altered);
      }),
      { numRuns: 2000 },
    );
  });

  test('with two stretches exchanged is refused', () => {
    const place = fc.nat(file.length - 33);
    fc.assert(
      fc.property(place, place, fc.integer({ min: 1, max: 32 }), (one, other, length) => {
        const altered = Uint8Array.from(file);
        altered.set(file.subarray(other, other + length), one);
        altered.set(file.subarray(one, one + length), other);
        if (!Buffer.from(altered).equals(file)) isRefused(altered);
      }),
      { numRuns: 1000 },
    );
  });

  test('with another header under a digest that is right is refused, or read as it was written', () => {
    const names = Object.keys(headerOf(file).tensors);
    const anything = fc.jsonValue({ maxDepth: 2 });
    const edits = fc.record({
      target: fc.constantFrom('tensor', 'dtype', 'shape', 'data_offsets', 'metadata', 'text', 'digest'),
      name: fc.constantFrom(...names, '__proto__', 'constructor'),
      key: fc.constantFrom('format', 'version', 'manifest', 'digest', '__proto__'),
      value: fc.oneof(
        anything,
        fc.array(fc.oneof(fc.nat(64), fc.maxSafeInteger(), fc.double()), { maxLength: 4 }),
      ),
    });
    fc.assert(
      fc.property(edits, ({ target, name, key, value }) => {
        const forged = forge(file, (parts) => {
          const entry = parts.tensors[name] as unknown as Record<string, unknown> | undefined;
          if (target === 'tensor') Object.defineProperty(parts.tensors, name, { value, enumerable: true });
          else if (target === 'metadata') parts.metadata = value as unknown as Record<string, unknown>;
          else if (target === 'text') parts.metadata[key] = value;
          else if (target === 'digest') parts.metadata['digest'] = value;
          else if (Object.hasOwn(parts.tensors, name) && entry) entry[target] = value;
        });
        isRefusedOrTheSame(forged);
      }),
      { numRuns: 1500 },
    );
  });

  test('with tensors that exchanged names under a digest that is right is refused where their shapes differ', () => {
    const { tensors } = headerOf(file);
    const names = Object.keys(tensors);
    for (const one of names) {
      for (const other of names) {
        const forged = forge(file, (parts) => {
          parts.tensors = Object.fromEntries(
            Object.entries(parts.tensors).map(([name, entry]) => [
              name === one ? other : name === other ? one : name,
              entry,
            ]),
          );
        });
        const same = String(tensors[one]!.shape) === String(tensors[other]!.shape);
        if (!same) isRefused(forged);
      }
    }
  });

  test('with any field of its manifest changed under a digest that is right gives no other error', () => {
    const paths = fc.array(fc.nat(40), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(paths, fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        const forged = forgeManifest(file, (manifest) => changeAt(manifest, path, value));
        outcome(read, forged);
      }),
      { numRuns: 1500 },
    );
  });

  test('of random bytes behind any header length is refused', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.uint8Array({ maxLength: 200 }),
        (length, rest) => {
          const bytes = new Uint8Array(8 + rest.length);
          new DataView(bytes.buffer).setBigUint64(0, length, true);
          bytes.set(rest, 8);
          isRefused(bytes);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('takes no memory by what its header claims', () => {
    const claims = [[2 ** 31], [2 ** 26, 2 ** 26], [1e15], [4, 2 ** 40]];
    const before = process.memoryUsage().arrayBuffers;
    for (const shape of claims) {
      isRefused(
        forge(file, ({ tensors }) => {
          const entry = Object.values(tensors)[0]!;
          entry.shape = shape;
          entry.data_offsets = [0, 4 * shape.reduce((a, b) => a * b, 1)];
        }),
      );
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(claims.length * 8 * file.length + 1e6);
  });
});

/** Changes a field, found by the places of the fields that lead to it. */
function changeAt(value: unknown, [place, ...rest]: readonly number[], changed: unknown): void {
  const object = value as Record<string, unknown>;
  const keys = Object.keys(object);
  const key = keys[place! % keys.length];
  if (key === undefined) return;
  const inner = object[key];
  if (rest.length > 0 && typeof inner === 'object' && inner !== null) changeAt(inner, rest, changed);
  else object[key] = changed;
}
