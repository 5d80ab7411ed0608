import { copyFile, link } from 'node:fs/promises';

/** The file system has no hard links, none to there, or no more of this file. */
const NO_LINKS = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK']);

/** Gives a file another name, under which it stays when the first one goes. @throws the file system's error */
export async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(source, target);
  }
}
