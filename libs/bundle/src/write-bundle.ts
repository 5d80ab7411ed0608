import type { Family } from '#pruning';
import { familyTensors } from './family-tensors.js';
import { BUNDLE_KIND, memberEntries, type BundleManifest, type BundleMetadata } from './manifest.js';
import { writeSealed } from './sealed-file.js';

/**
 * One safetensors file with everything that a subnet of any of the family's ratios is built from (docs/bundle-format.md).
 * Its `__metadata__` holds the digest of the file, format, version and the manifest as JSON.
 */
export function writeBundle(family: Family, metadata: BundleMetadata): Uint8Array {
  const { network, members } = family;
  const manifest: BundleManifest = { network, members: memberEntries(members), metadata };
  return writeSealed(BUNDLE_KIND, {
    tensors: familyTensors(family),
    texts: { manifest: JSON.stringify(manifest) },
  });
}
