/**
 * JSON Schemas of the manifests. They are what a reader checks; `npm run build` and tools/generate-bundle-schemas.mjs write
 * them to docs/bundle-manifest.schema.json and docs/addendum-manifest.schema.json.
 */
import type { RecordSchema, Schema } from './schema.js';

/** Above anything that a network has and far below what could overflow. */
const MAX_COUNT = 1_000_000;
const MAX_LAYERS = 10_000;
const MAX_MEMBERS = 256;

const NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$';
const name: Schema = { type: 'string', pattern: NAME, description: 'no other layer has it' };
const input: Schema = {
  type: 'string',
  pattern: NAME,
  description: 'name of a layer before this one, or "input" for the images',
};
const count = (description: string): Schema => ({
  ...{ type: 'integer', minimum: 1, maximum: MAX_COUNT },
  description,
});
const padding: Schema = {
  ...{ type: 'integer', minimum: 0, maximum: MAX_COUNT },
  description: 'pixels added on each side',
};

function record(
  properties: Readonly<Record<string, Schema>>,
  { optional = [], description }: { optional?: readonly string[]; description?: string } = {},
): RecordSchema {
  const required = Object.keys(properties).filter((property) => !optional.includes(property));
  return {
    ...(description !== undefined && { description }),
    ...{ type: 'object', properties, required, additionalProperties: false },
  };
}

const windows = { kernel: count('side of the square window'), stride: count('step of the window'), padding };
const reading = (kind: string) => ({ kind: { const: kind }, name, input });
const joining = (kind: string, inputs: { minItems: number; maxItems: number }) =>
  record({ kind: { const: kind }, name, inputs: { type: 'array', items: input, ...inputs } });

const conv = record(
  {
    ...reading('conv'),
    outChannels: count('filters'),
    ...windows,
    dilation: count("distance of the kernel's taps; 1 if absent"),
    groups: {
      anyOf: [{ const: 'depthwise' }, { type: 'integer', minimum: 1, maximum: MAX_COUNT }],
      description: 'groups of channels that are convolved apart; 1 if absent',
    },
  },
  { optional: ['dilation', 'groups'] },
);
const relu = record(
  { ...reading('relu'), max: { const: 6, description: 'clips the output there too (ReLU6)' } },
  { optional: ['max'] },
);
const dense = record({ ...reading('dense'), outFeatures: count('classes, in the last layer') });

const layer: Schema = {
  oneOf: [
    conv,
    record(reading('batch-norm')),
    relu,
    joining('add', { minItems: 2, maxItems: 2 }),
    joining('concat', { minItems: 2, maxItems: MAX_LAYERS }),
    record({ ...reading('max-pool'), ...windows }),
    record({ ...reading('average-pool'), ...windows }),
    record(reading('global-average-pool')),
    dense,
  ],
};

const network = record(
  {
    name: { type: 'string', pattern: NAME, description: 'what exported files call the network' },
    input: record({ channels: count('of the images'), height: count('pixels'), width: count('pixels') }),
    classes: count('logits'),
    layers: {
      ...{ type: 'array', items: layer, minItems: 1, maxItems: MAX_LAYERS },
      description: 'in execution order; the last one is dense and gives the logits',
    },
  },
  { description: 'the dense network, as layers' },
);

const memberFields = {
  ratio: {
    ...{ type: 'number', minimum: 0, exclusiveMaximum: 1 },
    description: 'pruning ratio: share of the dense multiply-accumulates that is removed',
  },
  threshold: { type: 'number', description: 'of the soft mask; it explains, the widths are what counts' },
  widths: {
    type: 'object',
    propertyNames: { type: 'string', pattern: NAME },
    additionalProperties: { type: 'integer', minimum: 1, maximum: MAX_COUNT },
    description: 'kept channels of every channel group, by the name of its first convolution',
  },
  derived: {
    const: true,
    description: 'the ratio was not trained: its threshold was solved, its BatchNorm recalibrated',
  },
} as const satisfies Readonly<Record<string, Schema>>;
const members = (items: Schema, minItems: number): Schema => ({
  ...{ type: 'array', items, minItems, maxItems: MAX_MEMBERS },
  description: 'one per pruning ratio, ascending; the tensor batchNorm/<place> belongs to each',
});
const bundled = members(record(memberFields, { optional: ['derived'] }), 0);
const added = members(record(memberFields), 1);
const metadata: Schema = { type: 'object', description: 'whatever the publisher wants to say' };

const DIALECT = { $schema: 'https://json-schema.org/draft/2020-12/schema' };

export const BUNDLE_MANIFEST_SCHEMA = {
  ...DIALECT,
  title: 'The manifest of an Isochron bundle, format version 1',
  ...record({ network, members: bundled, metadata }),
};

const base: Schema = {
  ...{ type: 'string', pattern: '^[0-9a-f]{64}$' },
  description: 'digest that the bundle carries to which the ratios belong',
};

export const ADDENDUM_MANIFEST_SCHEMA = {
  ...DIALECT,
  title: 'The manifest of an Isochron addendum, format version 1',
  ...record({ base, members: added, metadata }),
};
