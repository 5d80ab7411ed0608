import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArtifactStore } from './artifact-store.js';
import { DirectoryArtifactStore } from './directory-artifact-store.js';
import { DirectoryObjectFiles } from './directory-object-files.js';
import { removeUnfinished } from './durable-files.js';
import type { ObjectFiles } from './object-files.js';
import { artifactsUrlError } from './s3/s3-location.js';

/** All files that the processes of a service share. */
export interface Artifacts {
  readonly store: ArtifactStore;
  readonly objectFiles: ObjectFiles;
  /** Removes what writers that were killed a day ago or more left behind. @throws AggregateError of what could not be removed */
  readonly removeUnfinished: () => Promise<void>;
  readonly close: () => void;
}

/**
 * The stores that ARTIFACTS_URL names: a directory, as a path or as a file: URL, or a bucket as s3: URL. A directory is
 * made at the first write.
 * @throws ConfigError for any other kind of URL.
 */
export async function openArtifacts(artifactsUrl: string): Promise<Artifacts> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(artifactsUrl)?.[1]?.toLowerCase();
  if (scheme === undefined) return openDirectory(path.resolve(artifactsUrl));
  if (scheme === 's3') {
    // Most processes never need the SDK, which takes a while to load.
    const { openS3Store } = await import('./s3/open-s3-store.js');
    return openS3Store(artifactsUrl);
  }
  return openDirectory(directoryOf(artifactsUrl));
}

function openDirectory(directory: string): Artifacts {
  return {
    store: new DirectoryArtifactStore(directory),
    objectFiles: new DirectoryObjectFiles(directory),
    removeUnfinished: () => removeUnfinished(directory),
    close: () => {},
  };
}

function directoryOf(artifactsUrl: string): string {
  try {
    return fileURLToPath(artifactsUrl);
  } catch {
    const expected = 'expected a directory, a file: URL of one on this machine, or s3://BUCKET/PREFIX';
    throw artifactsUrlError(artifactsUrl, expected);
  }
}
