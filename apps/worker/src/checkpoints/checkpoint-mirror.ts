import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CheckpointedFile, JobCheckpoint } from '#contracts';
import type { BegunStage } from '#jobs';
import type { Storage } from '#storage';
import { linkOrCopy } from '../link-or-copy.js';
import { unless } from '../unless.js';

export interface CheckpointMirrorParts {
  readonly files: Storage['objectFiles'];
  /** Of this attempt's checkpoints. */
  readonly folder: string;
  readonly stage: BegunStage;
  readonly now: () => Date;
}

interface MirroredFile extends CheckpointedFile {
  /** When the local file was written: a path may be written anew. */
  readonly modifiedMs: number;
}

/** Begins with a dot: it is none of the files that a training can go on from. */
const ASIDE = '.uploading';

/** Where a job's checkpoints lie in artifact storage. */
const checkpointPrefix = (jobId: string): string => `checkpoints/${jobId}/`;

/**
 * Keeps the checkpoints of a job's attempt in artifact storage, so that any worker may go on from them. Every attempt writes
 * under keys of its own: one that lost its job harms no other.
 */
export class CheckpointMirror {
  private mirrored = new Map<string, MirroredFile>();
  private uploads = 0;

  constructor(private readonly parts: CheckpointMirrorParts) {}

  /** Fetches what the job's newest checkpoint consists of. What is gone is not there. @throws AppError unavailable */
  async restore(): Promise<void> {
    const { files, folder, stage } = this.parts;
    await mkdir(folder, { recursive: true });
    for (const file of stage.job.checkpoint?.files ?? []) {
      const local = this.localOf(file.path);
      await mkdir(path.dirname(local), { recursive: true });
      if (!(await files.fetch(file.key, local))) continue;
      const { mtimeMs: modifiedMs } = await stat(local);
      this.mirrored.set(file.path, { ...file, modifiedMs });
    }
  }

  /** Uploads what is new among these files; undefined where one of them is gone. @throws AppError unavailable */
  async upload(paths: readonly string[]): Promise<JobCheckpoint | undefined> {
    const next = new Map<string, MirroredFile>();
    for (const each of paths) {
      const file = await this.uploaded(each);
      if (file === undefined) return undefined;
      next.set(each, file);
    }
    this.mirrored = next;
    const files = [...next.values()].map(({ modifiedMs: _, ...file }) => file);
    const { stage, now } = this.parts;
    return { attempt: stage.attempt, savedAt: now().toISOString(), files };
  }

  /**
   * Removes what this attempt, and those before it, have stored beside a checkpoint that is noted on the job. What later ones
   * have stored stays: this one may have lost the job and not know it yet.
   */
  async dropOthers({ files }: JobCheckpoint): Promise<void> {
    const needed = new Set(files.map(({ key }) => key));
    const { files: storage, stage } = this.parts;
    const prefix = checkpointPrefix(stage.job.id);
    for (const { key } of await storage.list(prefix)) {
      const attempt = Number(key.slice(prefix.length).split('/')[0]);
      if (attempt <= stage.attempt && !needed.has(key)) await storage.remove(key);
    }
  }

  /** Under a name of its own: training removes its oldest checkpoints at any time. */
  private async uploaded(relative: string): Promise<MirroredFile | undefined> {
    const aside = this.localOf(ASIDE);
    await rm(aside, { force: true });
    const isThere = await linkOrCopy(this.localOf(relative), aside).then(() => true, unless('ENOENT', false));
    if (!isThere) return undefined;
    try {
      return await this.stored(relative, aside);
    } finally {
      await rm(aside, { force: true });
    }
  }

  private async stored(relative: string, file: string): Promise<MirroredFile> {
    const { mtimeMs: modifiedMs, size: bytes } = await stat(file);
    const known = this.mirrored.get(relative);
    if (known?.modifiedMs === modifiedMs && known.bytes === bytes) return known;
    const { files, stage } = this.parts;
    const key = `${checkpointPrefix(stage.job.id)}${stage.attempt}/${++this.uploads}-${path.basename(relative)}`;
    await files.put(key, file);
    return { path: relative, key, bytes, modifiedMs };
  }

  private localOf(relative: string): string {
    return path.join(this.parts.folder, relative);
  }
}

/** Removes all that a job has kept. */
export async function dropCheckpoints(files: Storage['objectFiles'], jobId: string): Promise<void> {
  for (const { key } of await files.list(checkpointPrefix(jobId))) await files.remove(key);
}
