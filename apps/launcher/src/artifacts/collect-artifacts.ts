import { openStorage } from '#storage';

export interface CollectOptions {
  readonly graceHours: number;
  /** Only tells what would go. */
  readonly dryRun: boolean;
}

const HOUR_MS = 3_600_000;

/** Removes the files that nothing refers to. @returns what to tell */
export async function collectArtifacts(
  where: { readonly databaseUrl: string; readonly artifactsUrl: string },
  { graceHours, dryRun }: CollectOptions,
): Promise<string> {
  // A connection that breaks fails the query that uses it, too.
  const storage = await openStorage({ ...where, onError: () => {} });
  try {
    const options = { now: new Date(), graceMs: graceHours * HOUR_MS, dryRun };
    const { references, files, bytes } = await storage.artifactCollector.collect(options);
    const what = `${files} files (${bytes} bytes), ${references} entries of teams`;
    return dryRun ? `would remove ${what}\n` : `removed ${what}\n`;
  } finally {
    await storage.close();
  }
}
