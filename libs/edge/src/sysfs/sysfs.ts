/**
 * The kernel's files below one root (`/sys`, or a test's copy). Synchronous: nothing may come between the two writes
 * that set a range. Nothing outside of the root is ever written, wherever links lead.
 */
import { readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

export class Sysfs {
  constructor(readonly root = '/sys') {}

  /** Names in a folder; none where it is not there or may not be read. */
  list(folder: string): string[] {
    try {
      return readdirSync(this.pathOf(folder)).sort();
    } catch {
      return [];
    }
  }

  /** @throws Error of the file system naming the file */
  text(file: string): string {
    return readFileSync(this.pathOf(file), 'utf8').replaceAll('\0', ' ').trim();
  }

  /** Undefined where the file is not there, or answers with an error as those of parts that are switched off do. */
  textOrNone(file: string): string | undefined {
    try {
      return this.text(file);
    } catch {
      return undefined;
    }
  }

  /** @throws Error naming the file and what it holds */
  integer(file: string): number {
    const text = this.text(file);
    if (/^-?\d+$/.test(text)) return Number(text);
    throw new Error(`${this.pathOf(file)} reads "${text}", expected a whole number`);
  }

  integerOrNone(file: string): number | undefined {
    const text = this.textOrNone(file);
    return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
  }

  /** Whole numbers separated by spaces or line ends, ascending; none where there is no such file. */
  integers(file: string): number[] {
    const words = (this.textOrNone(file) ?? '').split(/\s+/).filter((word) => /^\d+$/.test(word));
    return [...new Set(words.map(Number))].sort((a, b) => a - b);
  }

  /** @throws Error when the file is not there, refuses the value, or lies outside of the root */
  write(file: string, value: string | number): void {
    const root = realpathSync(this.root);
    const path = realpathSync(this.pathOf(file));
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw new Error(`${this.pathOf(file)} leads to ${path}, outside of ${root}: it is not written`);
    }
    writeFileSync(path, String(value));
  }

  pathOf(file: string): string {
    return join(this.root, file);
  }
}
