/** The file is not there, or what should be its folder is a file. */
export const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

/** @throws the error, where it is another one */
export function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
