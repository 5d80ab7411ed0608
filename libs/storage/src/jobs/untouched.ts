import type { UntouchedJobs } from '#jobs';

/** What Prisma is asked for rows, of jobs or of their sweeps, that nobody has touched lately: a page of them by ascending id. */
export function untouched({ untouchedSince, limit, afterId }: UntouchedJobs) {
  return {
    where: { updatedAt: { lt: untouchedSince }, id: { gt: afterId } },
    orderBy: { id: 'asc' as const },
    take: limit,
  };
}
