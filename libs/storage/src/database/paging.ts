import { z } from 'zod';
import { AppError, Id, Timestamp, type Page, type PageQuery } from '#contracts';

const Position = z.tuple([Timestamp, Id]);

interface Placed {
  readonly id: string;
  readonly createdAt: Date;
}

/**
 * Arguments for a list, newest first, that starts behind the cursor. One row more than asked for tells whether there
 * is a next page. Rows that come while someone reads page after page move nothing, since a cursor is a position.
 * @throws AppError invalid_request when the cursor is none of ours.
 */
export function pageArguments({ limit, cursor }: PageQuery) {
  return {
    where: cursor === undefined ? {} : behind(cursor),
    orderBy: [{ createdAt: 'desc' as const }, { id: 'desc' as const }],
    take: limit + 1,
  };
}

/** The page that rows found with `pageArguments` make. */
export function pageOfRows<Row extends Placed, Item>(
  rows: readonly Row[],
  { limit }: PageQuery,
  toItem: (row: Row) => Item,
): Page<Item> {
  const items = rows.slice(0, limit).map(toItem);
  const last = rows[limit - 1];
  return rows.length > limit && last ? { items, nextCursor: cursorOf(last) } : { items };
}

/** Arguments for a list of numbered rows, highest first, that starts below the cursor. @throws AppError as `pageArguments` does */
export function numberedPage({ limit, cursor }: PageQuery) {
  return { below: cursor === undefined ? undefined : parseCursor(cursor, z.int()), take: limit + 1 };
}

/** The page that rows found with `numberedPage` make. */
export function pageOfNumbered<Row, Item>(
  rows: readonly Row[],
  { limit }: PageQuery,
  numberOf: (row: Row) => number,
  toItem: (row: Row) => Item,
): Page<Item> {
  const items = rows.slice(0, limit).map(toItem);
  const last = rows[limit - 1];
  if (rows.length <= limit || last === undefined) return { items };
  return { items, nextCursor: Buffer.from(String(numberOf(last))).toString('base64url') };
}

function cursorOf({ createdAt, id }: Placed): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url');
}

/** @throws AppError invalid_request when the cursor is none of ours. */
export function cursorPosition(cursor: string): { readonly createdAt: string; readonly id: string } {
  const [createdAt, id] = parseCursor(cursor, Position);
  return { createdAt, id };
}

function behind(cursor: string) {
  const { createdAt, id } = cursorPosition(cursor);
  // The first condition says what the second does already, but as a range of the index.
  return { createdAt: { lte: createdAt }, OR: [{ createdAt: { lt: createdAt } }, { id: { lt: id } }] };
}

function parseCursor<T>(cursor: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw new AppError('invalid_request', 'the cursor is not valid', {
      fields: [{ field: 'cursor', value: cursor, expected: 'the nextCursor of the page before' }],
      cause,
    });
  }
}
