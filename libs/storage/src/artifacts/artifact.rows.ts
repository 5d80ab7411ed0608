import type { Actor } from '#contracts';
import type { ArtifactKind } from '../generated/client.js';
import type { StoredArtifact } from './artifact-store.js';

/** Notes that a team refers to a stored file. */
export function artifactRow({ teamId, owner }: Actor, kind: ArtifactKind, { digest, bytes }: StoredArtifact) {
  return { teamId, owner, kind, digest, bytes: BigInt(bytes) };
}
