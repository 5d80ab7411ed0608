import { randomUUID } from 'node:crypto';
import fs from 'node:fs';

/** Writes a file if there is none: complete from the first moment, since others read it. False when there is one. */
export function claimFile(file: string, content: string): boolean {
  const draft = `${file}.${randomUUID()}`;
  fs.writeFileSync(draft, content, { flush: true });
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(draft);
  }
}

/** Removes the file of a process that is dead, unless another one has replaced it since `content` was read. */
export function removeStaleFile(file: string, content: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return; // another process was faster
  }
  if (fs.readFileSync(aside, 'utf8') !== content) fs.linkSync(aside, file);
  fs.rmSync(aside);
}
