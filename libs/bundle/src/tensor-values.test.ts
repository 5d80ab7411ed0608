import fc from 'fast-check';
import { resNet } from '#network';
import {
  applyAddendum,
  BundleError,
  BundleScan,
  readAddendum,
  readBundle,
  readBundleInPlace,
  writeAddendum,
  writeBundle,
} from './index.js';
import { forge } from './testing/forge.js';
import { noisyFamily } from './testing/noisy-family.js';

const network = resNet({ depth: 8, input: { channels: 1, height: 8, width: 8 }, classes: 3 });
const family = noisyFamily(network, [0, 0.3, 0.6]);
const file = writeBundle(family, {});
const MASK = 'mask/stem';
const channels = family.mask['stem']!.length;

type Values = Record<number, number>;

/** A file in which some values of a tensor are others, with the digest that belongs to it. */
const having = (written: Uint8Array, tensor: string, values: Values) =>
  forge(written, ({ tensors, data }) => {
    const view = new DataView(data.buffer, data.byteOffset);
    const [begin] = tensors[tensor]!.data_offsets;
    for (const [index, value] of Object.entries(values))
      view.setFloat32(begin + 4 * Number(index), value, true);
  });
const scanIn = (pieceBytes: number) => (bytes: Uint8Array) => {
  const scan = new BundleScan();
  // The same memory again and again, as whoever reads a file has it.
  const piece = Buffer.alloc(pieceBytes);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const next = bytes.subarray(at, at + pieceBytes);
    piece.set(next);
    scan.add(piece.subarray(0, next.length));
  }
  return scan.finish();
};
const READERS: [string, (bytes: Uint8Array) => unknown][] = [
  ['readBundle', readBundle],
  ['readBundleInPlace', readBundleInPlace],
  ...[1, 3, 8, 999, 10 ** 7].map((size): [string, (bytes: Uint8Array) => unknown] => [
    `a scan in pieces of ${size}`,
    scanIn(size),
  ]),
];

describe.each(READERS)('%s', (_, read) => {
  test.each<[string, Values, string]>([
    [MASK, { 5: -3, 6: 0.5 }, `tensor "${MASK}": 0.5 at [6], expected at most the -3 before it`],
    [MASK, { 0: NaN }, `tensor "${MASK}": NaN at [0], expected a finite number`],
    [MASK, { 0: Infinity }, `tensor "${MASK}": Infinity at [0], expected a finite number`],
    [MASK, { [channels - 1]: -Infinity }, `-Infinity at [${channels - 1}], expected a finite number`],
    ['batchNorm/1', { 3: NaN }, 'tensor "batchNorm/1": NaN at [0, 3], expected a finite number'],
    ['batchNorm/2', { 0: -Infinity }, 'tensor "batchNorm/2": -Infinity at [0, 0], expected a finite number'],
  ])('refuses %s with the values %j', (tensor, values, message) => {
    const forged = having(file, tensor, values);
    expect(() => read(forged)).toThrow(BundleError);
    expect(() => read(forged)).toThrow(message);
  });

  test('names a place in BatchNorm by its row', () => {
    const columns = family.members[1]!.batchNorm;
    const total = Object.values(columns).reduce((sum, { scale }) => sum + scale.length, 0);
    const forged = having(file, 'batchNorm/1', { [2 * total + 7]: Infinity });
    expect(() => read(forged)).toThrow('tensor "batchNorm/1": Infinity at [2, 7]');
  });

  test('takes equal neighbours, zeros of either sign and values as large as float32 has them', () => {
    const tied = Object.fromEntries(Array.from({ length: channels }, (_value, i) => [i, i < 4 ? 0 : -0]));
    expect(() => read(having(file, MASK, tied))).not.toThrow();
    const largest = Math.fround(3.4e38);
    expect(() => read(having(file, MASK, { 0: largest, [channels - 1]: -largest }))).not.toThrow();
    expect(() => read(having(file, 'classifier.weight', { 0: NaN }))).not.toThrow();
  });

  test('says of a file that was altered that it was, whatever its mask became', () => {
    const altered = having(file, MASK, { 0: NaN });
    altered[altered.length - 1]! ^= 1;
    expect(() => read(altered)).toThrow('it was altered');
  });
});

test('all readers say the same of any values of a mask and of BatchNorm', () => {
  const value = fc.oneof(fc.float(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity));
  const edits = fc.record({
    tensor: fc.constantFrom(MASK, 'batchNorm/0'),
    values: fc.dictionary(fc.nat(channels - 1).map(String), value, { maxKeys: 3 }),
  });
  fc.assert(
    fc.property(edits, fc.integer({ min: 1, max: 3000 }), ({ tensor, values }, pieceBytes) => {
      const forged = having(file, tensor, values);
      const said = messageOf(() => readBundle(forged));
      expect(messageOf(() => scanIn(pieceBytes)(forged))).toBe(said);
      const mask = Array.from(family.mask['stem']!, (before, i) =>
        tensor === MASK ? Math.fround(values[i] ?? before) : before,
      );
      const others = tensor === MASK ? [] : Object.values(values);
      const isGood =
        mask.every((each, i) => i === 0 || each <= mask[i - 1]!) &&
        [...mask, ...others].every((each) => Number.isFinite(each));
      expect(said === undefined).toBe(isGood);
    }),
    { numRuns: 200 },
  );
});

test('an addendum whose BatchNorm is not finite is not applied', () => {
  const bundle = readBundle(writeBundle({ ...family, members: family.members.toSpliced(1, 1) }, {}));
  const written = writeAddendum(family, { base: bundle.digest, ratios: [0.3], metadata: {} });
  expect(applyAddendum(bundle, readAddendum(written)).family.members).toHaveLength(3);
  const addendum = readAddendum(having(written, 'batchNorm/0', { 2: NaN }));
  expect(() => applyAddendum(bundle, addendum)).toThrow('tensor "batchNorm/0": NaN at [0, 2]');
});

/** What is wrong with a file; undefined where it is read. */
function messageOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof BundleError) return error.message;
    throw error;
  }
}
