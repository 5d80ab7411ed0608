import { BN_EPSILON } from '#graph';
import { costOf, mobileNetV2, resNet, type Network } from '#network';
import { foldBatchNorm, subnetOf, type Family, type Subnet } from '#pruning';
import {
  BundleError,
  applyAddendum,
  readAddendum,
  readBundle,
  readBundleWithAddenda,
  writeAddendum,
  writeBundle,
  type AddendumManifest,
} from './index.js';
import { forgeManifest } from './testing/forge.js';
import { headerOf } from './testing/header-of.js';
import { noisyFamily } from './testing/noisy-family.js';

const LARGE = { input: { channels: 3, height: 224, width: 224 }, classes: 1000 };
const CIFAR = { channels: 3, height: 32, width: 32 };
const RATIOS = [0, 0.3, 0.45, 0.6, 0.7];
const ADDED = [0.45, 0.6];
const network = resNet({ depth: 8, input: CIFAR, classes: 7, widthMultiplier: 0.25 });
const whole = noisyFamily(network, RATIOS);
const only = (family: Family, ratios: readonly number[]): Family => ({
  ...family,
  members: family.members.filter(({ ratio }) => ratios.includes(ratio)),
});
const published = writeBundle(only(whole, [0, 0.3, 0.7]), { version: 3 });
const bundle = readBundle(published);
const addendumOf = (ratios: readonly number[], base = bundle.digest) =>
  writeAddendum(whole, { base, ratios, metadata: { clock: '614 MHz' } });

/** Every ratio as it is exported, to the bit; statistics of BatchNorm are not in an addendum. */
const expectWhole = (family: Family) => {
  expect(family.members.map(withoutBatchNorm)).toEqual(
    whole.members.map((member) => {
      const isAdded = ADDED.includes(member.ratio);
      return withoutBatchNorm(isAdded ? { ...member, derived: true } : member);
    }),
  );
  for (const ratio of RATIOS) {
    const [actual, expected] = [subnetOf(family, ratio), subnetOf(whole, ratio)];
    expect(actual.network).toEqual(expected.network);
    expect(foldBatchNorm(actual)).toEqual(foldBatchNorm(expected));
  }
};
const withoutBatchNorm = ({ batchNorm: _, ...rest }: Family['members'][number]) => rest;

describe('an addendum', () => {
  test('gives the bundle its ratios, and leaves the bundle as it is', () => {
    const file = addendumOf([0.45, 0.6]);
    const addendum = readAddendum(file);
    expect(addendum.manifest.metadata).toEqual({ clock: '614 MHz' });
    const extended = applyAddendum(bundle, addendum);
    expectWhole(extended.family);
    expect(extended.digest).toBe(bundle.digest);
    expect(extended.addenda).toEqual([{ digest: headerOf(file).metadata['digest'], ratios: [0.45, 0.6] }]);
    expect(bundle).toEqual(readBundle(published));
  });

  test('can come after another, in any order', () => {
    const [first, second] = [readAddendum(addendumOf([0.45])), readAddendum(addendumOf([0.6]))];
    const forwards = applyAddendum(applyAddendum(bundle, first), second);
    expectWhole(forwards.family);
    expect(applyAddendum(applyAddendum(bundle, second), first).family).toEqual(forwards.family);
    expect(forwards.addenda.map(({ ratios }) => ratios)).toEqual([[0.45], [0.6]]);
    expect(readBundleWithAddenda(published, [addendumOf([0.45]), addendumOf([0.6])])).toEqual(forwards);
    expect(readBundleWithAddenda(published, [])).toEqual(bundle);
  });

  test("has BatchNorm that another runtime normalises by, within float32's rounding", () => {
    const { family } = applyAddendum(bundle, readAddendum(addendumOf([0.45])));
    const [actual, expected] = [subnetOf(family, 0.45), subnetOf(whole, 0.45)].map(normalised);
    expect(Math.max(...actual!.map((value, i) => Math.abs(value / expected![i]! - 1)))).toBeLessThan(3e-7);
  });

  test('holds no weights and has a digest of its own', () => {
    const file = addendumOf([0.45]);
    const { metadata, tensors } = headerOf(file);
    expect(Object.keys(tensors)).toEqual(['batchNorm/0']);
    expect(metadata).toMatchObject({ format: 'isochron-addendum', version: '1' });
    expect(metadata['digest']).toMatch(/^[0-9a-f]{64}$/);
    expect(metadata['digest']).not.toBe(bundle.digest);
    expect(addendumOf([0.45])).toEqual(file);
  });

  test.each<[string, Network, number]>([
    ['ResNet-20', resNet({ depth: 20, input: CIFAR, classes: 10 }), 0.0064],
    ['MobileNetV2 for small images', mobileNetV2({ input: CIFAR, classes: 10 }), 0.0154],
    ['MobileNetV2 for large images', mobileNetV2({ ...LARGE, form: 'imagenet' }), 0.0098],
  ])(
    'of %s takes at most 2.5 percent of the dense weights, and less the more is pruned',
    (_, large, most) => {
      const family = noisyFamily(large, [0, 0.25, 0.45, 0.7]);
      const options = { base: bundle.digest, metadata: {} };
      const shares = family.members.map(
        ({ ratio }) =>
          writeAddendum(family, { ...options, ratios: [ratio] }).length / (4 * costOf(large).parameters),
      );
      expect(shares[0]).toBeCloseTo(most, 3);
      expect(shares).toEqual(shares.toSorted((a, b) => b - a));
      expect(shares[0]).toBeLessThanOrEqual(0.025);
    },
  );
});

/** What every BatchNorm layer makes of a 2, one value per channel. */
function normalised({ batchNorm }: Subnet): number[] {
  return Object.values(batchNorm).flatMap(({ scale, shift, mean, variance }) =>
    Array.from(
      scale,
      (value, i) => ((2 - mean[i]!) / Math.sqrt(variance[i]! + BN_EPSILON)) * value + shift[i]!,
    ),
  );
}

describe('applyAddendum refuses', () => {
  const refuse = (file: Uint8Array, message: RegExp, to = bundle) => {
    const addendum = readAddendum(file);
    const before = structuredClone(to);
    expect(() => applyAddendum(to, addendum)).toThrow(BundleError);
    expect(() => applyAddendum(to, addendum)).toThrow(message);
    expect(to).toEqual(before);
  };

  test('an addendum of another bundle', () => {
    const other = readBundle(writeBundle(only(whole, [0, 0.3, 0.7]), { version: 4 }));
    const message = new RegExp(
      `manifest.base: ${other.digest}, expected the bundle's digest ${bundle.digest}`,
    );
    refuse(addendumOf([0.45], other.digest), message);
  });

  test('a ratio that is there already, from the bundle or from an addendum', () => {
    refuse(
      addendumOf([0.45, 0.7]),
      /members\[1\].ratio: 0.7, expected none that the bundle has: 0, 0.3, 0.7/,
    );
    const extended = applyAddendum(bundle, readAddendum(addendumOf([0.45])));
    refuse(
      addendumOf([0.45, 0.6]),
      /members\[0\].ratio: 0.45, expected none that the bundle has: 0, 0.3, 0.45, 0.7/,
      extended,
    );
  });

  test('widths and BatchNorm that do not fit the network', () => {
    const file = addendumOf([0.45]);
    type Entry = { widths: Record<string, number> };
    const changed = (change: (widths: Record<string, number>) => unknown) =>
      forgeManifest<AddendumManifest>(file, ({ members }) => void change((members[0] as Entry).widths));
    refuse(
      changed((widths) => (widths['stem'] = widths['stem']! + 1)),
      /"batchNorm\/0": expected \[2, \d+\], found/,
    );
    refuse(
      changed((widths) => (widths['stem'] = 99)),
      /no family: group "stem": width 99 is not an integer in 1..4/,
    );
    refuse(
      changed((widths) => (widths['other'] = 1)),
      /widths.other: expected no such field/,
    );
    refuse(
      forgeManifest<AddendumManifest>(addendumOf([0.45, 0.6]), ({ members, ...rest }) => ({
        ...rest,
        members: members.slice(0, 1),
      })),
      /"batchNorm\/1" belongs to nothing/,
    );
  });
});

test('a bundle is no addendum, and an addendum no bundle', () => {
  expect(() => readAddendum(published)).toThrow(
    /its format is isochron-bundle version 1, expected isochron-addendum version 1/,
  );
  expect(() => readBundle(addendumOf([0.45]))).toThrow(
    /its format is isochron-addendum version 1, expected isochron-bundle version 1/,
  );
});

test('writeAddendum refuses a ratio that the family lacks, and none at all', () => {
  expect(() => addendumOf([0.5])).toThrow(
    /ratios: 0.5, expected one of the family's: 0, 0.3, 0.45, 0.6, 0.7/,
  );
  expect(() => addendumOf([])).toThrow(/ratios: none, expected one at least/);
});
