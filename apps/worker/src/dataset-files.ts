import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Dataset } from '#contracts';
import type { DatasetCache } from './dataset-cache.js';

/**
 * Where this machine has a dataset's files, by name: the paths that it was registered with, or files in `folder`, which
 * are the caller's and come from the cache.
 * @throws AppError not_found or artifact_corrupt; AbortError when `signal` aborts
 */
export async function datasetFiles(
  dataset: Dataset,
  cache: DatasetCache,
  folder: string,
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const paths: Record<string, string> = {};
  await mkdir(folder, { recursive: true });
  for (const [name, file] of Object.entries(dataset.files)) {
    const target = path.join(folder, name);
    if (file.path === undefined) await cache.provide(file.digest, target, signal);
    paths[name] = file.path ?? target;
  }
  return paths;
}
