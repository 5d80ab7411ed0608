import { readFile } from 'node:fs/promises';
import { BundleError, readBundleWithAddenda, type Bundle } from '#bundle';
import { AppError } from '#contracts';
import type { Family } from '#pruning';

/** @throws AppError artifact_corrupt */
export async function familyIn(bundleFile: string): Promise<Family> {
  return (await bundleIn(bundleFile)).family;
}

/** A bundle with the ratios of addenda. @throws AppError artifact_corrupt */
export async function bundleIn(bundleFile: string, addenda: readonly string[] = []): Promise<Bundle> {
  const [bundle, ...others] = await Promise.all([bundleFile, ...addenda].map((file) => readFile(file)));
  try {
    return readBundleWithAddenda(bundle!, others);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    throw new AppError('artifact_corrupt', `a bundle that was trained before: ${error.message}`, {
      cause: error,
    });
  }
}
