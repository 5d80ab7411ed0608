import fs from 'node:fs';
import path from 'node:path';

/**
 * Like `writeFileAtomic`, at once: nothing else of this process comes between the write and what is done after it.
 * @param mode permissions of the file, from its first byte on
 */
export function writeFileAtomicSync(file: string, data: string, mode = 0o644): void {
  const folder = path.dirname(file);
  fs.mkdirSync(folder, { recursive: true });
  const temporary = path.join(folder, `.${path.basename(file)}.${process.pid}.tmp`);
  try {
    fs.rmSync(temporary, { force: true });
    fs.writeFileSync(temporary, data, { flush: true, mode });
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}
