import { readFile } from 'node:fs/promises';
import { BundleError, readBundle } from '#bundle';
import { AppError } from '#contracts';
import type { Family } from '#pruning';

/** @throws AppError artifact_corrupt */
export async function familyIn(bundleFile: string): Promise<Family> {
  try {
    return readBundle(await readFile(bundleFile)).family;
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    throw new AppError('artifact_corrupt', `a bundle that was trained before: ${error.message}`, {
      cause: error,
    });
  }
}
