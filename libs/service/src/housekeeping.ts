import { UPLOAD_KEPT_MS, UPLOADS_PREFIX } from '#registry';
import type { Storage } from '#storage';

export interface HousekeepingParts {
  readonly storage: Pick<Storage, 'models' | 'uploads' | 'objectFiles' | 'artifactCollector'>;
  /** How long deleted models and versions can be restored. */
  readonly retentionMs: number;
  /** How long files are left alone that nothing refers to. */
  readonly graceMs: number;
  readonly now: () => Date;
  /** Told of a step that failed; the others are done all the same. */
  readonly onError: (error: unknown) => void;
}

const AT_ONCE = 100;

/** Removes what nobody needs any more; any number of processes may do so at once. */
export class Housekeeping {
  constructor(private readonly parts: HousekeepingParts) {}

  /** In this order: what a step leaves without a reference the last one removes. */
  async run(): Promise<void> {
    const { onError, graceMs, now, storage } = this.parts;
    await this.purge().catch(onError);
    await this.forgetUploads().catch(onError);
    await storage.artifactCollector.collect({ now: now(), graceMs }).catch(onError);
  }

  private async purge(): Promise<void> {
    const { storage, now, retentionMs } = this.parts;
    const query = { deletedBefore: this.ago(retentionMs, now()), limit: AT_ONCE };
    while ((await storage.models.purge(query)) > 0);
  }

  /** Uploads that nothing was done with for a day, and parts of uploads that are no more. */
  private async forgetUploads(): Promise<void> {
    const { uploads, objectFiles } = this.parts.storage;
    await uploads.removeExpired(this.ago(UPLOAD_KEPT_MS, this.parts.now()));
    const keys = (await objectFiles.list(UPLOADS_PREFIX)).map(({ key }) => key);
    const present = await uploads.present([...new Set(keys.map(uploadOf))]);
    for (const key of keys) if (!present.has(uploadOf(key))) await objectFiles.remove(key);
  }

  private ago(ms: number, now: Date): Date {
    return new Date(now.getTime() - ms);
  }
}

const uploadOf = (key: string): string => key.slice(UPLOADS_PREFIX.length).split('/')[0]!;
