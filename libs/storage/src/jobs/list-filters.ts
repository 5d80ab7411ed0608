import type { ListJobs, ListSweeps } from '#contracts';
import type { Database } from '../database/database.js';
import { cursorPosition } from '../database/paging.js';
import { Prisma } from '../generated/client.js';

/** Lists that have the same filters: of jobs, and of sweeps. */
type Filtered = ListJobs | ListSweeps;

const TABLES = {
  jobs: { table: Prisma.sql`"Job"`, states: Prisma.sql`"JobState"[]` },
  sweeps: { table: Prisma.sql`"Sweep"`, states: Prisma.sql`"SweepState"[]` },
} as const;

/** All filters but labels, as Prisma takes them. */
export function columnFilter<Query extends Filtered>(query: Query) {
  const { model, owner, createdFrom, createdBefore } = query;
  const state: Query['state'] = query.state;
  return {
    ...{ model, owner },
    ...(state && { state: { in: [...state] as NonNullable<Query['state']> } }),
    AND: { createdAt: { gte: createdFrom, lt: createdBefore } },
  };
}

/**
 * The page of a list that is asked for by labels, and one row more, by ids: Prisma cannot ask for labels by their index. No
 * condition where no label is given.
 */
export async function labelFilter(
  database: Pick<Database, '$queryRaw'>,
  of: keyof typeof TABLES,
  teamId: string,
  query: Filtered,
): Promise<{ id?: { in: string[] } }> {
  if (query.label === undefined || query.label.length === 0) return {};
  const rows = await database.$queryRaw<{ id: string }[]>`
    SELECT id FROM ${TABLES[of].table}
    WHERE "teamId" = ${teamId}::uuid AND ${Prisma.join(conditions(query, TABLES[of].states), ' AND ')}
    ORDER BY "createdAt" DESC, id DESC LIMIT ${query.limit + 1}`;
  return { id: { in: rows.map(({ id }) => id) } };
}

function conditions(query: Filtered, statesType: Prisma.Sql): Prisma.Sql[] {
  const { label = [], state: states, model, owner, createdFrom, createdBefore, cursor } = query;
  const position = cursor === undefined ? undefined : cursorPosition(cursor);
  return [
    ...label.map(({ key, value }) => Prisma.sql`labels @> ${JSON.stringify({ [key]: value })}::jsonb`),
    states && Prisma.sql`state = ANY (${[...states]}::${statesType})`,
    model === undefined ? undefined : Prisma.sql`model = ${model}`,
    owner === undefined ? undefined : Prisma.sql`owner = ${owner}`,
    createdFrom && Prisma.sql`"createdAt" >= ${createdFrom}`,
    createdBefore && Prisma.sql`"createdAt" < ${createdBefore}`,
    position && Prisma.sql`("createdAt", id) < (${position.createdAt}::timestamptz, ${position.id}::uuid)`,
  ].filter((condition) => condition !== undefined);
}
