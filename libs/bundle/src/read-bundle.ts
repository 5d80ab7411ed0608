import type { Family } from '#pruning';
import { digestWithout } from './bundle-digest.js';
import { BundleError } from './bundle-error.js';
import { familyOf } from './family-tensors.js';
import { BUNDLE_FORMAT, BUNDLE_VERSION, type BundleManifest } from './manifest.js';
import { decodeSafetensors } from './safetensors.js';

/**
 * Reads what `writeBundle` wrote.
 * @throws BundleError on a truncated or altered file, another format or version, or tensors that do not fit the network.
 */
export function readBundle(bytes: Uint8Array): { family: Family; manifest: BundleManifest } {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { digest = '', format, version, manifest: json = '' } = metadata;
  if (format !== BUNDLE_FORMAT || version !== BUNDLE_VERSION) {
    throw new BundleError(
      `format ${String(format)} version ${String(version)}: expected ${BUNDLE_FORMAT} version ${BUNDLE_VERSION}`,
    );
  }
  const actual = digestWithout(digest, bytes);
  if (actual !== digest) {
    throw new BundleError(`digest ${actual}: expected ${digest}, the file was altered after it was written`);
  }
  try {
    const manifest = JSON.parse(json) as BundleManifest;
    return { family: familyOf(manifest, tensors), manifest };
  } catch (cause) {
    if (cause instanceof BundleError) throw cause;
    throw new BundleError(`the manifest describes no family: ${String(cause)}`, { cause });
  }
}
