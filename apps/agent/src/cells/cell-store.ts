import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UploadCell } from '#contracts';
import { writeFileAtomicSync } from '#runtime';

/** A measured cell that the server does not have yet. */
export const StoredCell = UploadCell.omit({ leaseToken: true });
export type StoredCell = Omit<UploadCell, 'leaseToken'>;

const CELL_FILE = /^(\d+)\.json$/;
const UNVERIFIED_FILE = 'unverified.json';
const Indices = z.array(z.number().int().min(0));

/**
 * Measured cells on disk until the server has them: one file each, in a folder per task; beside them which of the task's
 * cells, those that the server has included, the reference cell has not confirmed yet. Synchronous, so that a cell
 * that is measured anew while its old samples are uploaded cannot be lost between the two.
 */
export class CellStore {
  constructor(private readonly folder: string) {}

  save(taskId: string, index: number, cell: StoredCell): void {
    writeFileAtomicSync(this.fileOf(taskId, index), JSON.stringify(cell));
  }

  /** Undefined where there is none, or it cannot be read as one. */
  read(taskId: string, index: number): StoredCell | undefined {
    const file = this.fileOf(taskId, index);
    if (!existsSync(file)) return undefined;
    try {
      return StoredCell.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** Replaces the indices of the cells that are not confirmed. */
  saveUnverified(taskId: string, indices: readonly number[]): void {
    const file = join(this.folder, taskId, UNVERIFIED_FILE);
    if (indices.length === 0) rmSync(file, { force: true });
    else writeFileAtomicSync(file, JSON.stringify(indices));
  }

  /** Undefined where the list cannot be read: which cells to doubt is not known then. */
  unverifiedOf(taskId: string): number[] | undefined {
    const file = join(this.folder, taskId, UNVERIFIED_FILE);
    if (!existsSync(file)) return [];
    try {
      return Indices.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** Indices of a task's cells, ascending. */
  cellsOf(taskId: string): number[] {
    const names = namesIn(join(this.folder, taskId));
    const indices = names.flatMap((name) => CELL_FILE.exec(name)?.[1] ?? []);
    return indices.map(Number).sort((a, b) => a - b);
  }

  /** Ids of the tasks of which cells are kept. */
  tasks(): string[] {
    return namesIn(this.folder);
  }

  remove(taskId: string, index: number): void {
    rmSync(this.fileOf(taskId, index), { force: true });
  }

  removeTask(taskId: string): void {
    rmSync(join(this.folder, taskId), { recursive: true, force: true });
  }

  private fileOf(taskId: string, index: number): string {
    return join(this.folder, taskId, `${index}.json`);
  }
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
}
