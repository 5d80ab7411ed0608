import fs from 'node:fs';
import fc from 'fast-check';
import { z } from 'zod';
import {
  ADDENDUM_MANIFEST_SCHEMA,
  BUNDLE_MANIFEST_SCHEMA,
  BundleError,
  readAddendum,
  readBundle,
  writeAddendum,
  writeBundle,
  type AddendumManifest,
  type BundleManifest,
} from './index.js';
import { checkSchema } from './schema.js';
import { EVERY_LAYER } from './testing/every-layer.js';
import { forge, forgeManifest } from './testing/forge.js';
import { noisyFamily } from './testing/noisy-family.js';

const family = noisyFamily(EVERY_LAYER, [0, 0.3, 0.6]);
const bundle = writeBundle(family, { dataset: 'a' });
const { digest, manifest } = readBundle(bundle);
const addendum = writeAddendum(family, { base: digest, ratios: [0.3], metadata: {} });

/** What is not a manifest has no type. */
type Loose = any;

test.each<[RegExp, (manifest: Loose) => unknown]>([
  [/^manifest: an array of 0 items, expected an object$/, () => []],
  [
    /^manifest\.network: nothing, expected an object$/,
    ({ network: _, ...rest }) => rest as Record<string, unknown>,
  ],
  [
    /^manifest\.extra: 1, expected no such field \(known are network, members, metadata\)$/,
    (m) => void (m.extra = 1),
  ],
  [
    /^manifest\.network\.layers: an array of 0 items, expected an array of 1 to 10000 items$/,
    (m) => void (m.network.layers = []),
  ],
  [
    /^manifest\.network\.layers\[1\]\.kind: "batchnorm", expected "conv" or "batch-norm" or/,
    (m) => void (m.network.layers[1].kind = 'batchnorm'),
  ],
  [/layers\[2\]: null, expected an object$/, (m) => void (m.network.layers[2] = null)],
  [
    /layers\[0\]\.outChannels: 1\.5, expected an integer of at least 1 and at most 1000000$/,
    (m) => void (m.network.layers[0].outChannels = 1.5),
  ],
  [
    /layers\[0\]\.groups: "all", expected "depthwise" or an integer of/,
    (m) => void (m.network.layers[0].groups = 'all'),
  ],
  [/layers\[0\]\.padding: nothing, expected an integer/, (m) => void delete m.network.layers[0].padding],
  [/layers\[2\]\.max: 5, expected 6$/, (m) => void (m.network.layers[2].max = 5)],
  [
    /layers\[0\]\.name: "__proto__", expected a string that matches/,
    (m) => void (m.network.layers[0].name = '__proto__'),
  ],
  [/input\.height: "16", expected an integer/, (m) => void (m.network.input.height = '16')],
  [
    /members\[1\]\.ratio: 1, expected a number of at least 0 and below 1$/,
    (m) => void (m.members[1].ratio = 1),
  ],
  [
    /members\[2\]\.ratio: 0\.3, expected more than the 0\.3 before it$/,
    (m) => void (m.members[2].ratio = 0.3),
  ],
  [/members\[0\]\.threshold: null, expected a number$/, (m) => void (m.members[0].threshold = NaN)],
  [/members\[0\]\.derived: false, expected true$/, (m) => void (m.members[0].derived = false)],
  [/members\[0\]\.widths\.a: 0, expected an integer/, (m) => void (m.members[0].widths.a = 0)],
  [
    /a name in manifest\.members\[0\]\.widths: "", expected a string/,
    (m) => void (m.members[0].widths[''] = 1),
  ],
  [
    /members\[0\]\.widths\.steam: expected no such field, the network has no group/,
    (m) => void (m.members[0].widths.steam = 1),
  ],
  [/group "a": width 9 is not an integer in 1\.\.8/, (m) => void (m.members[0].widths.a = 9)],
  [/group "a": width undefined is not/, (m) => void delete m.members[0].widths.a],
  [/tensor "batchNorm\/0": expected \[4, \d+\], found \[4, \d+\]/, (m) => void (m.members[0].widths.a = 3)],
  [/tensor "batchNorm\/2" belongs to nothing in the manifest/, (m) => void m.members.pop()],
  [/manifest\.metadata: "a", expected an object/, (m) => void (m.metadata = 'a')],
])('readBundle refuses %s', (message, change) => {
  const file = forgeManifest(bundle, change);
  expect(() => readBundle(file)).toThrow(BundleError);
  expect(() => readBundle(file)).toThrow(message);
});

test.each<[RegExp, (manifest: Loose) => unknown]>([
  [/^manifest\.base: "abc", expected a string that matches/, (m) => void (m.base = 'abc')],
  [/^manifest\.members: an array of 0 items, expected an array of 1 to/, (m) => void (m.members = [])],
  [/^manifest\.members\[0\]\.ratio: -0\.1, expected a number/, (m) => void (m.members[0].ratio = -0.1)],
  [/^manifest\.members\[0\]\.derived: nothing, expected true/, (m) => void delete m.members[0].derived],
])('readAddendum refuses %s', (message, change) => {
  const file = forgeManifest(addendum, change);
  expect(() => readAddendum(file)).toThrow(BundleError);
  expect(() => readAddendum(file)).toThrow(message);
});

test('a manifest that is missing or no JSON is refused', () => {
  const without = forge(bundle, ({ metadata }) => delete metadata['manifest']);
  expect(() => readBundle(without)).toThrow(/^manifest: nothing, expected a JSON text in __metadata__$/);
  const broken = forge(bundle, ({ metadata }) => (metadata['manifest'] = '{"network":'));
  expect(() => readBundle(broken)).toThrow(/^manifest: expected JSON$/);
});

test.each([
  ['bundle-manifest', BUNDLE_MANIFEST_SCHEMA],
  ['addendum-manifest', ADDENDUM_MANIFEST_SCHEMA],
])('docs/%s.schema.json is what is checked', (name, schema) => {
  const file = new URL(`../../../docs/${name}.schema.json`, import.meta.url);
  expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toEqual(schema);
});

describe('the check agrees with another reader of JSON Schema about', () => {
  const accepts = (schema: typeof BUNDLE_MANIFEST_SCHEMA, value: unknown): boolean => {
    try {
      checkSchema(schema, value, 'manifest');
      return true;
    } catch (error) {
      if (error instanceof BundleError) return false;
      throw error;
    }
  };
  const cases: [string, typeof BUNDLE_MANIFEST_SCHEMA, BundleManifest | AddendumManifest][] = [
    ['bundles', BUNDLE_MANIFEST_SCHEMA, manifest],
    ['addenda', ADDENDUM_MANIFEST_SCHEMA, readAddendum(addendum).manifest],
  ];
  test.each(cases)('%s with one field changed', (_, schema, valid) => {
    const oracle = z.fromJSONSchema(structuredClone(schema) as Parameters<typeof z.fromJSONSchema>[0]);
    const fields = fieldsOf(valid);
    let refused = 0;
    expect(oracle.safeParse(valid).success && accepts(schema, valid)).toBe(true);
    fc.assert(
      fc.property(
        fc.constantFrom(...fields),
        fc.jsonValue({ maxDepth: 1 }),
        fc.boolean(),
        (field, value, drops) => {
          const changed = withField(valid, field, drops ? undefined : value);
          const accepted = accepts(schema, changed);
          refused += Number(!accepted);
          expect(accepted).toBe(oracle.safeParse(changed).success);
        },
      ),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

/** Paths of everything in a value. */
function fieldsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [key],
    ...fieldsOf(inner).map((rest) => [key, ...rest]),
  ]);
}

/** A copy with another value at a path, or none. */
function withField(value: unknown, [key, ...rest]: readonly string[], changed: unknown): unknown {
  const copy = structuredClone(value) as Record<string, unknown>;
  if (rest.length > 0) copy[key!] = withField(copy[key!], rest, changed);
  else if (changed !== undefined) copy[key!] = changed;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key!];
  return copy;
}
