import { removeLeftovers } from '#storage';

/** A folder for files that are made of what a request brings; the part that follows makes it one of a kind. */
export const PACKED_PREFIX = 'packed-';
/** Multer's files and those folders; anything else is not ours. */
const OWN = new RegExp(`^([0-9a-f]{32}|${PACKED_PREFIX}.+)$`);

/**
 * Removes what an API that died left of requests. Several APIs may share the folder.
 * @param onError told of what could not be removed
 */
export async function sweepUploads(folder: string, onError: (error: unknown) => void): Promise<void> {
  try {
    await removeLeftovers(folder, (name) => OWN.test(name));
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error;
    error.errors.forEach(onError);
  }
}
