import type { ListJobs } from '#contracts';
import type { Database } from '../database/database.js';
import { cursorPosition } from '../database/paging.js';
import { Prisma } from '../generated/client.js';

/** Ids of the page of jobs that a query with labels asks for, and of one more. */
export async function labelledJobIds(
  database: Pick<Database, '$queryRaw'>,
  teamId: string,
  query: ListJobs,
): Promise<string[]> {
  const rows = await database.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Job"
    WHERE "teamId" = ${teamId}::uuid AND ${Prisma.join(conditions(query), ' AND ')}
    ORDER BY "createdAt" DESC, id DESC LIMIT ${query.limit + 1}`;
  return rows.map(({ id }) => id);
}

function conditions(query: ListJobs): Prisma.Sql[] {
  const { label = [], state: states, model, owner, createdFrom, createdBefore, cursor } = query;
  const position = cursor === undefined ? undefined : cursorPosition(cursor);
  return [
    ...label.map(({ key, value }) => Prisma.sql`labels @> ${JSON.stringify({ [key]: value })}::jsonb`),
    states && Prisma.sql`state = ANY (${[...states]}::"JobState"[])`,
    model === undefined ? undefined : Prisma.sql`model = ${model}`,
    owner === undefined ? undefined : Prisma.sql`owner = ${owner}`,
    createdFrom && Prisma.sql`"createdAt" >= ${createdFrom}`,
    createdBefore && Prisma.sql`"createdAt" < ${createdBefore}`,
    position && Prisma.sql`("createdAt", id) < (${position.createdAt}::timestamptz, ${position.id}::uuid)`,
  ].filter((condition) => condition !== undefined);
}
