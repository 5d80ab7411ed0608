import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { TrainingFields } from './training.js';

interface FieldSchema {
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly enum?: readonly string[];
  readonly type?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

const { properties } = z.toJSONSchema(TrainingFields, { io: 'input' });
const LARGEST = Number.MAX_SAFE_INTEGER;

const unpadded = (line: string) => line.replace(/ +\|/g, ' |').replace(/\| +/g, '| ');

/** A row as docs/jobs.md has it. */
function row([name, field]: [string, FieldSchema]): string {
  const standard = field.default === undefined ? '' : `\`${String(field.default)}\``;
  return `| \`${name}\` | ${standard} | ${allowed(field)} | ${field.description} |`;
}

function allowed(field: FieldSchema): string {
  if (field.enum) return field.enum.map((value) => `\`${value}\``).join(', ');
  if (field.type === 'boolean') return '`true`, `false`';
  if (field.type === 'object') return 'an object';
  const { minimum, exclusiveMinimum, maximum = LARGEST, exclusiveMaximum } = field;
  const from = exclusiveMinimum === undefined ? `${minimum}` : `above ${exclusiveMinimum}`;
  if (exclusiveMaximum !== undefined) return `${from} or more, below ${exclusiveMaximum}`;
  return maximum === LARGEST ? `${from} or more` : `${from} to ${maximum}`;
}

test('docs/jobs.md lists the fields of a training with their defaults, as the contract has them', async () => {
  const document = await readFile(new URL('../../../docs/jobs.md', import.meta.url), 'utf8');
  const section = /\n## Training\n(.*?)\n## /s.exec(document)![1]!;
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const fields = Object.entries(properties as Record<string, FieldSchema>);
  expect(rows.map(unpadded)).toEqual(fields.map(row).map(unpadded));
});
