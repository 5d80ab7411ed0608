import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CheckpointedFile, JobCheckpoint } from '#contracts';
import type { BegunStage } from '#jobs';
import type { Storage } from '#storage';
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

/** Where a job's checkpoints lie in artifact storage. */
export const checkpointPrefix = (jobId: string): string => `checkpoints/${jobId}/`;

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

  /** Removes what lies in storage for the job beside a checkpoint that is noted on it. */
  async dropOthers({ files }: JobCheckpoint): Promise<void> {
    const needed = new Set(files.map(({ key }) => key));
    const { files: storage, stage } = this.parts;
    for (const { key } of await storage.list(checkpointPrefix(stage.job.id))) {
      if (!needed.has(key)) await storage.remove(key);
    }
  }

  private async uploaded(relative: string): Promise<MirroredFile | undefined> {
    const local = this.localOf(relative);
    const found = await stat(local).catch(unless('ENOENT', undefined));
    if (found === undefined) return undefined;
    const { mtimeMs: modifiedMs, size: bytes } = found;
    const known = this.mirrored.get(relative);
    if (known?.modifiedMs === modifiedMs && known.bytes === bytes) return known;
    const { files, stage } = this.parts;
    const key = `${checkpointPrefix(stage.job.id)}${stage.attempt}/${++this.uploads}-${path.basename(relative)}`;
    const isThere = await files.put(key, local).then(() => true, unless('ENOENT', false));
    return isThere ? { path: relative, key, bytes, modifiedMs } : undefined;
  }

  private localOf(relative: string): string {
    return path.join(this.parts.folder, relative);
  }
}

/** Removes all that a job has kept. */
export async function dropCheckpoints(files: Storage['objectFiles'], jobId: string): Promise<void> {
  for (const { key } of await files.list(checkpointPrefix(jobId))) await files.remove(key);
}
