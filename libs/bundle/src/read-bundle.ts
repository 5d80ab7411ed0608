import type { Family } from '#pruning';
import { familyOf } from './family-tensors.js';
import { floatsIn } from './float-bytes.js';
import { BUNDLE_KIND, type BundleManifest } from './manifest.js';
import { parseBundleManifest } from './parse-manifest.js';
import { openSealed } from './sealed-file.js';

/** A bundle that was read, with the addenda that were applied to it. */
export interface Bundle {
  /** That the bundle's file carries; addenda name it as their base. */
  readonly digest: string;
  /** The file's own: ratios of addenda are in the family alone. */
  readonly manifest: BundleManifest;
  readonly family: Family;
  /** Where ratios come from that are not the file's own, in the order in which they were applied. */
  readonly addenda: readonly AppliedAddendum[];
}

export interface AppliedAddendum {
  /** That the addendum's file carries. */
  readonly digest: string;
  readonly ratios: readonly number[];
}

/**
 * Reads what `writeBundle` wrote.
 * @throws BundleError on a truncated or altered file, another format or version, a manifest with a field that is missing,
 * unknown or of another kind, tensors that do not fit the network, masks that do not descend, or values of masks or BatchNorm
 * that are not finite.
 */
export function readBundle(bytes: Uint8Array): Bundle {
  return bundleOf(openSealed(bytes, BUNDLE_KIND));
}

/**
 * The same without a second copy of the weights: tensors are parts of `bytes`, which may not change afterwards.
 * @throws BundleError as `readBundle` does.
 */
export function readBundleInPlace(bytes: Uint8Array): Bundle {
  return bundleOf(openSealed(bytes, BUNDLE_KIND, floatsIn));
}

function bundleOf({ digest, tensors, texts }: ReturnType<typeof openSealed>): Bundle {
  const manifest = parseBundleManifest(texts['manifest']);
  return { digest, manifest, family: familyOf(manifest, tensors), addenda: [] };
}
