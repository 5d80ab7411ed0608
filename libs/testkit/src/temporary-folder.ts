import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A new empty folder, and how to remove it with all that is in it. */
export async function temporaryFolder(name = 'test'): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), `isochron-${name}-`));
  return { path: folder, remove: () => fs.rm(folder, { recursive: true, force: true }) };
}
