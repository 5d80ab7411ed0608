import { AppError } from '#contracts';
import type { Transaction } from '../database/database.js';
import type { ArtifactStore } from './artifact-store.js';
import type { artifactRow } from './artifact.rows.js';

export type ArtifactRow = ReturnType<typeof artifactRow>;

/**
 * Notes which team refers to which files. Whatever stores a reference to a file notes it here in the same transaction, after the
 * file was put: so the collector, which takes the same lock, removes no file that is referred to (docs/artifacts.md).
 */
export class ArtifactReferences {
  constructor(private readonly store: Pick<ArtifactStore, 'find'>) {}

  /** @throws AppError unavailable where a file was removed since it was put: it has to be put again */
  async note(tx: Transaction, rows: readonly ArtifactRow[]): Promise<void> {
    const digests = [...new Set(rows.map(({ digest }) => digest))].sort();
    if (digests.length === 0) return;
    await lockShared(tx, digests);
    await tx.artifact.createMany({ data: [...rows], skipDuplicates: true });
    await this.recover(tx, digests);
  }

  /** Whether the team refers to the file; while `tx` lasts that stays so. */
  async isKnown(tx: Transaction, teamId: string, digest: string): Promise<boolean> {
    await lockShared(tx, [digest]);
    const where = { teamId_digest: { teamId, digest } };
    return (await tx.artifact.findUnique({ where, select: { digest: true } })) !== null;
  }

  /** Files that were to be removed are there: put again, or not removed yet. In order, so that no two wait for each other. */
  private async recover(tx: Transaction, digests: readonly string[]): Promise<void> {
    const where = { digest: { in: [...digests] } };
    const removals = await tx.artifactRemoval.findMany({ where, orderBy: { digest: 'asc' } });
    for (const { digest } of removals) {
      if ((await this.store.find(digest)) === undefined)
        throw new AppError('unavailable', `artifact ${digest} was removed before anything referred to it`);
      await tx.artifactRemoval.deleteMany({ where: { digest } });
    }
  }
}

/** Against the collector alone; those who refer to files do not wait for each other. */
async function lockShared(tx: Transaction, digests: readonly string[]): Promise<void> {
  await tx.$queryRaw`
    SELECT count(pg_advisory_xact_lock_shared(hashtextextended('isochron artifact ' || digest, 0)))
    FROM (SELECT unnest(${digests}::text[]) AS digest ORDER BY 1) AS ordered`;
}

/** Those of the files that nobody refers to anew at the moment: nobody will, while `tx` lasts. */
export async function lockAgainstReferences(tx: Transaction, digests: readonly string[]): Promise<string[]> {
  const locked = await tx.$queryRaw<{ digest: string }[]>`
    SELECT digest FROM (SELECT unnest(${digests}::text[]) AS digest ORDER BY 1) AS ordered
    WHERE pg_try_advisory_xact_lock(hashtextextended('isochron artifact ' || digest, 0))`;
  return locked.map(({ digest }) => digest);
}
