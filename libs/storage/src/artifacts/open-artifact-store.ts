import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, withoutPassword } from '#runtime';
import type { ArtifactStore } from './artifact-store.js';
import { DirectoryArtifactStore } from './directory-artifact-store.js';

/**
 * The store that ARTIFACTS_URL names: a directory, as a path or as a file: URL. It is made at the first write.
 * @throws ConfigError for any other kind of URL.
 */
export function openArtifactStore(artifactsUrl: string): ArtifactStore {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(artifactsUrl)?.[1]?.toLowerCase();
  if (scheme === undefined) return new DirectoryArtifactStore(path.resolve(artifactsUrl));
  try {
    return new DirectoryArtifactStore(fileURLToPath(artifactsUrl));
  } catch {
    const expected = 'expected a directory, or a file: URL of one on this machine';
    throw new ConfigError([{ variable: 'ARTIFACTS_URL', value: withoutPassword(artifactsUrl), expected }]);
  }
}
