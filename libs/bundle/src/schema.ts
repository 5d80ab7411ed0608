/** The part of JSON Schema (2020-12) that the manifests' schemas are written in, and its check. */
import { BundleError } from './bundle-error.js';

interface Described {
  readonly description?: string;
}
interface StringSchema extends Described {
  readonly type: 'string';
  readonly pattern?: string;
}
interface NumberSchema extends Described {
  readonly type: 'number' | 'integer';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}
interface ConstSchema extends Described {
  readonly const: string | number | boolean;
}
interface ArraySchema extends Described {
  readonly type: 'array';
  readonly items: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
}
/** An object of known fields. */
export interface RecordSchema extends Described {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}
/** An object of any names with one kind of value; of any value at all without `additionalProperties`. */
interface MapSchema extends Described {
  readonly type: 'object';
  readonly propertyNames?: StringSchema;
  readonly additionalProperties?: Schema;
}
interface AnyOfSchema extends Described {
  readonly anyOf: readonly (ConstSchema | NumberSchema)[];
}
/** Objects that their field `kind` tells apart. */
interface KindsSchema extends Described {
  readonly oneOf: readonly RecordSchema[];
}
export type Schema =
  | StringSchema
  | NumberSchema
  | ConstSchema
  | ArraySchema
  | RecordSchema
  | MapSchema
  | AnyOfSchema
  | KindsSchema;

/**
 * @param field what the value is called in the error
 * @throws BundleError that names the first field at fault, what it holds and what is expected.
 */
export function checkSchema(schema: Schema, value: unknown, field: string): void {
  if ('oneOf' in schema) return checkSchema(optionOf(schema, value, field), value, field);
  if ('anyOf' in schema || 'const' in schema)
    return requireThat(isOneOf(schema, value), schema, value, field);
  switch (schema.type) {
    case 'string':
      return requireThat(isText(schema, value), schema, value, field);
    case 'number':
    case 'integer':
      return requireThat(isNumber(schema, value), schema, value, field);
    case 'array':
      requireThat(isArray(schema, value), schema, value, field);
      return value.forEach((item, index) => checkSchema(schema.items, item, `${field}[${index}]`));
    case 'object':
      requireThat(isObject(value), schema, value, field);
      return 'properties' in schema ? checkRecord(schema, value, field) : checkMap(schema, value, field);
  }
}

function checkRecord(schema: RecordSchema, value: Record<string, unknown>, field: string): void {
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(schema.properties, name)) continue;
    const known = Object.keys(schema.properties).join(', ');
    throw refusal(`${field}.${shortened(name)}`, value[name], `no such field (known are ${known})`);
  }
  for (const [name, property] of Object.entries(schema.properties)) {
    if (Object.hasOwn(value, name)) checkSchema(property, value[name], `${field}.${name}`);
    else if (schema.required.includes(name))
      throw refusal(`${field}.${name}`, undefined, expectationOf(property));
  }
}

function checkMap(schema: MapSchema, value: Record<string, unknown>, field: string): void {
  const { propertyNames, additionalProperties } = schema;
  for (const [name, item] of Object.entries(value)) {
    if (propertyNames) checkSchema(propertyNames, name, `a name in ${field}`);
    if (additionalProperties) checkSchema(additionalProperties, item, `${field}.${shortened(name)}`);
  }
}

function optionOf({ oneOf }: KindsSchema, value: unknown, field: string): RecordSchema {
  if (!isObject(value)) throw refusal(field, value, 'an object');
  const kindOf = ({ properties }: RecordSchema) => (properties['kind'] as ConstSchema).const;
  const option = oneOf.find((each) => Object.hasOwn(value, 'kind') && kindOf(each) === value['kind']);
  if (option) return option;
  throw refusal(
    `${field}.kind`,
    value['kind'],
    oneOf.map((each) => JSON.stringify(kindOf(each))).join(' or '),
  );
}

function isOneOf(schema: ConstSchema | AnyOfSchema, value: unknown): boolean {
  if ('const' in schema) return value === schema.const;
  return schema.anyOf.some((option) =>
    'const' in option ? isOneOf(option, value) : isNumber(option, value),
  );
}

function isText({ pattern }: StringSchema, value: unknown): value is string {
  return typeof value === 'string' && (pattern === undefined || new RegExp(pattern, 'u').test(value));
}

function isNumber({ type, minimum, maximum, exclusiveMaximum }: NumberSchema, value: unknown): boolean {
  return (
    typeof value === 'number' &&
    (type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    value >= (minimum ?? -Infinity) &&
    value <= (maximum ?? Infinity) &&
    value < (exclusiveMaximum ?? Infinity)
  );
}

function isArray({ minItems = 0, maxItems = Infinity }: ArraySchema, value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length >= minItems && value.length <= maxItems;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function requireThat(holds: boolean, schema: Schema, value: unknown, field: string): asserts holds {
  if (!holds) throw refusal(field, value, expectationOf(schema));
}

const refusal = (field: string, value: unknown, expected: string) =>
  new BundleError(`${field}: ${shown(value)}, expected ${expected}`);

function expectationOf(schema: Schema): string {
  if ('oneOf' in schema) return 'an object';
  if ('anyOf' in schema) return schema.anyOf.map(expectationOf).join(' or ');
  if ('const' in schema) return JSON.stringify(schema.const);
  switch (schema.type) {
    case 'string':
      return schema.pattern === undefined ? 'a string' : `a string that matches ${schema.pattern}`;
    case 'array':
      return `an array of ${schema.minItems ?? 0} to ${schema.maxItems ?? 'any number of'} items`;
    case 'object':
      return 'an object';
    case 'number':
    case 'integer':
      return `a${schema.type === 'integer' ? 'n integer' : ' number'}${bounds(schema)}`;
  }
}

function bounds({ minimum, maximum, exclusiveMaximum }: NumberSchema): string {
  const limits = [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
  ];
  return limits.length === 0 ? '' : ` of ${limits.join(' and ')}`;
}

/** What a value is, in few words whatever its size and depth. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length} items`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(typeof value === 'string' ? shortened(value) : value);
}

const MAX_SHOWN = 60;
const shortened = (text: string) => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
