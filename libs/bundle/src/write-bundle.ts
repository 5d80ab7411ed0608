import type { Family } from '#pruning';
import { NO_DIGEST, seal } from './bundle-digest.js';
import { familyTensors } from './family-tensors.js';
import { BUNDLE_FORMAT, BUNDLE_VERSION, type BundleManifest, type BundleMetadata } from './manifest.js';
import { encodeSafetensors } from './safetensors.js';

/**
 * One safetensors file with everything that a subnet of any of the family's ratios is built from. Its `__metadata__`
 * holds the digest of the file (SHA-256 with zeros in the digest's own place), format, version and the manifest as JSON.
 */
export function writeBundle(family: Family, metadata: BundleMetadata): Uint8Array {
  const members = family.members.map(({ ratio, threshold, widths, derived }) => ({
    ...{ ratio, threshold, widths },
    ...(derived && { derived }),
  }));
  const manifest: BundleManifest = { network: family.network, members, metadata };
  const tensors = familyTensors(family);
  // The digest stands first, so that its first place in the file is its own.
  const identity = { digest: NO_DIGEST, format: BUNDLE_FORMAT, version: BUNDLE_VERSION };
  return seal(encodeSafetensors({ tensors, metadata: { ...identity, manifest: JSON.stringify(manifest) } }));
}
