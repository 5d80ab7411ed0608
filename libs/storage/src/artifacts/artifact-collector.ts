import type { ArtifactKind } from '../generated/client.js';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { rethrowTranslated } from '../database/database-errors.js';
import { Prisma } from '../generated/client.js';
import { lockAgainstReferences } from './artifact-references.js';
import type { ArtifactStore, ListedArtifact } from './artifact-store.js';

export interface CollectOptions {
  readonly now: Date;
  /** What is younger is left alone: it may be about to be referred to. */
  readonly graceMs: number;
  /** Only counts what would go. */
  readonly dryRun?: boolean;
}

/** What has gone. */
export interface Collected {
  /** A team's entries of files that nothing of the team refers to any more. */
  readonly references: number;
  readonly files: number;
  readonly bytes: number;
}

const BATCH = 100;
/** Longer than anything takes from putting a file to referring to it. */
const REMEMBERED_MS = 7 * 24 * 60 * 60 * 1000;
/** A removal that is under way keeps its lock for longer than any try of the store may take. */
const REMOVAL_TIMEOUT_MS = 10 * 60 * 1000;
const COLLECTOR = 'collector';

/**
 * What refers to files of each kind, as `teamId` and `digest`. Whoever stores digests elsewhere adds a query here, or the
 * files are collected.
 */
const REFERRING = {
  bundle: [
    Prisma.sql`SELECT "teamId", digest FROM "ModelVersion"`,
    Prisma.sql`SELECT "teamId", digest FROM "Upload"`,
    // Of a job that was published its version refers to the bundle, for as long as it is there.
    Prisma.sql`SELECT "teamId", candidate #>> '{bundle,digest}' FROM "Job" WHERE version IS NULL AND candidate IS NOT NULL`,
  ],
  onnx: [
    Prisma.sql`SELECT t."teamId", subnet #>> '{onnx,digest}' FROM "MeasuringTask" t, jsonb_array_elements(t.subnets) subnet`,
  ],
  dataset: [
    Prisma.sql`SELECT d."teamId", file.value ->> 'digest' FROM "Dataset" d, jsonb_each(d.files) file`,
  ],
} as const satisfies Record<ArtifactKind, readonly Prisma.Sql[]>;

/** A file is put once for all, so its reference may be of another kind than the one that it was noted as. */
const REFERENCED = Prisma.join(Object.values(REFERRING).flat(), ' UNION ALL ');

/**
 * Removes files that nothing refers to. Any number of processes may collect, and refer to files, at once: what is referred
 * to stays (docs/artifacts.md says why).
 */
export class ArtifactCollector {
  constructor(
    private readonly database: Database,
    private readonly store: ArtifactStore,
  ) {}

  /** @throws AppError unavailable where database or store are away; what was done by then is done */
  async collect({ now, graceMs, dryRun = false }: CollectOptions): Promise<Collected> {
    const before = new Date(now.getTime() - graceMs);
    const found = await this.unreferenced(before);
    const references = dryRun ? found.length : await this.dropAll(found, before);
    const files = await this.collectFiles(before, dryRun ? found : undefined);
    if (!dryRun) await this.forget(new Date(now.getTime() - REMEMBERED_MS));
    return { references, ...files };
  }

  private unreferenced(before: Date): Promise<Reference[]> {
    return this.database.$queryRaw<Reference[]>`
      SELECT a."teamId", a.digest FROM "Artifact" a
      WHERE a."createdAt" < ${before} AND (a."teamId", a.digest) NOT IN (
        SELECT "teamId", digest FROM (${REFERENCED}) AS referred WHERE digest IS NOT NULL)`;
  }

  private async dropAll(found: readonly Reference[], before: Date): Promise<number> {
    const digests = [...new Set(found.map(({ digest }) => digest))];
    let dropped = 0;
    for (const batch of batchesOf(digests)) {
      dropped += await inTransaction(this.database, async (tx) => drop(tx, batch, before));
    }
    return dropped;
  }

  /** @param dropped what a dry run would have dropped */
  private async collectFiles(
    before: Date,
    dropped?: readonly Reference[],
  ): Promise<Omit<Collected, 'references'>> {
    let [files, bytes] = [0, 0];
    let batch: ListedArtifact[] = [];
    const take = async () => {
      for (const file of await this.unknown(batch, dropped)) {
        if (dropped === undefined && !(await this.remove(file.digest))) continue;
        files += 1;
        bytes += file.bytes;
      }
      batch = [];
    };
    for await (const file of this.store.list()) {
      if (file.modifiedAt < before) batch.push(file);
      if (batch.length === BATCH) await take();
    }
    await take();
    return { files, bytes };
  }

  /** Files that no team refers to. */
  private async unknown(
    batch: readonly ListedArtifact[],
    dropped: readonly Reference[] = [],
  ): Promise<ListedArtifact[]> {
    const digests = batch.map(({ digest }) => digest);
    const rows = await this.database.artifact.findMany({
      where: { digest: { in: digests } },
      select: { digest: true, teamId: true },
    });
    const gone = new Set(dropped.map(nameOf));
    const known = new Set(rows.filter((row) => !gone.has(nameOf(row))).map(({ digest }) => digest));
    return batch.filter(({ digest }) => !known.has(digest));
  }

  /** First it is written down, so that whoever put the file and refers to it from then on looks whether it is there. */
  private async remove(digest: string): Promise<boolean> {
    const noted = await this.whileUnknown(digest, async (tx) => {
      const data = { digest, owner: COLLECTOR };
      await tx.artifactRemoval.createMany({ data: [data], skipDuplicates: true });
    });
    return noted && this.whileUnknown(digest, () => this.store.remove(digest));
  }

  /** Does something while nobody refers to a file, unless somebody does. */
  private whileUnknown(digest: string, work: (tx: Transaction) => Promise<void>): Promise<boolean> {
    const unless = async (tx: Transaction) => {
      if ((await lockAgainstReferences(tx, [digest])).length === 0) return false;
      if ((await tx.artifact.count({ where: { digest } })) > 0) return false;
      await work(tx);
      return true;
    };
    return this.database.$transaction(unless, { timeout: REMOVAL_TIMEOUT_MS }).catch(rethrowTranslated);
  }

  private async forget(before: Date): Promise<void> {
    await this.database.artifactRemoval.deleteMany({ where: { createdAt: { lt: before } } });
  }
}

interface Reference {
  readonly teamId: string;
  readonly digest: string;
}

const nameOf = ({ teamId, digest }: Reference) => `${teamId} ${digest}`;

/** Looks again behind the lock: something may refer to a file by now. */
async function drop(tx: Transaction, digests: readonly string[], before: Date): Promise<number> {
  const locked = await lockAgainstReferences(tx, digests);
  return tx.$executeRaw`
    DELETE FROM "Artifact" a
    WHERE a.digest = ANY (${locked}::text[]) AND a."createdAt" < ${before} AND (a."teamId", a.digest) NOT IN (
      SELECT "teamId", digest FROM (${REFERENCED}) AS referred WHERE digest = ANY (${locked}::text[]))`;
}

function* batchesOf(digests: readonly string[]): Generator<string[]> {
  for (let at = 0; at < digests.length; at += BATCH) yield digests.slice(at, at + BATCH);
}
