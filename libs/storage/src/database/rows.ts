import { Id } from '#contracts';
import { Prisma } from '../generated/client.js';

interface Audited {
  readonly id: string;
  readonly teamId: string;
  readonly owner: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The columns that every resource has. */
export function auditColumns({ id, teamId, owner, createdAt, updatedAt }: Audited): Audited {
  return { id, teamId, owner, createdAt, updatedAt };
}

/** For a JSON column: without the keys whose value is undefined. */
export function json(value: object): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue;
}

/** For a JSON column that may be empty. */
export function jsonOrNull(value: object | undefined): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return value === undefined ? Prisma.DbNull : json(value);
}

/** A row in the words of the contracts: no key for an empty column, times as ISO strings, whole numbers as numbers. */
export function plain(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const filled = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(filled.map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'bigint' ? Number(value) : value;
}

/** Whether a text can be an id at all; PostgreSQL refuses to compare another one with an id. */
export function isId(text: string): boolean {
  return Id.safeParse(text).success;
}
