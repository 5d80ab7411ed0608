import fs from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '#runtime';
import type { CheckpointStore, StoredCheckpoint } from './checkpoint-store.port.js';
import { unless } from '../unless.js';

/** One more than a damaged newest one needs. */
const KEPT = 3;
const NAME = /^(\d{8})\.safetensors$/;
/** As `writeFileAtomic` names what it has not renamed yet. */
const UNFINISHED = /^\.\d{8}\.safetensors\..*\.tmp$/;

/**
 * Checkpoints as numbered files of a folder: written aside, flushed and renamed, so that a process or a machine that dies
 * leaves whole files or none.
 */
export class DirectoryCheckpointStore implements CheckpointStore {
  constructor(private readonly folder: string) {}

  async save(bytes: Uint8Array): Promise<void> {
    await this.removeUnfinished();
    const numbers = await this.numbers();
    const next = (numbers[0] ?? 0) + 1;
    await writeFileAtomic(this.file(next), bytes);
    for (const old of numbers.slice(KEPT - 1)) await fs.rm(this.file(old), { force: true });
  }

  async stored(): Promise<StoredCheckpoint[]> {
    return (await this.numbers()).map((number) => ({
      name: path.basename(this.file(number)),
      read: () => fs.readFile(this.file(number)).catch(unless('ENOENT', undefined)),
      discard: () => fs.rm(this.file(number), { force: true }),
    }));
  }

  private async numbers(): Promise<number[]> {
    const numbers = (await this.names()).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
    return numbers.sort((a, b) => b - a);
  }

  /** What killed processes were writing: one training at a time has the folder, and its saves do not overlap. */
  private async removeUnfinished(): Promise<void> {
    for (const name of await this.names()) {
      if (UNFINISHED.test(name)) await fs.rm(path.join(this.folder, name), { force: true });
    }
  }

  private names(): Promise<string[]> {
    return fs.readdir(this.folder).catch(unless('ENOENT', []));
  }

  private file(number: number): string {
    return path.join(this.folder, `${String(number).padStart(8, '0')}.safetensors`);
  }
}
