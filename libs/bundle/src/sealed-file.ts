/** A safetensors file that says what it is and carries a digest of itself: what bundles, addenda and checkpoints have in common. */
import type { Tensor } from '#graph';
import { NO_DIGEST, digestWithout, seal } from './bundle-digest.js';
import { BundleError } from './bundle-error.js';
import { encodeSafetensors, splitSafetensors, tensorsOf } from './safetensors.js';

/** What a file is, in which version of its format. */
export interface FileKind {
  readonly format: string;
  readonly version: string;
}

export interface SealedContent {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Stand in `__metadata__` beside format, version and digest. */
  readonly texts: Readonly<Record<string, string>>;
}

const DIGEST = /^[0-9a-f]{64}$/;

/** `__metadata__` holds the file's digest (SHA-256 with zeros in the digest's own place), format, version and the texts. */
export function writeSealed({ format, version }: FileKind, { tensors, texts }: SealedContent): Uint8Array {
  // The digest stands first, so that its first place in the file is its own.
  return seal(encodeSafetensors({ tensors, metadata: { digest: NO_DIGEST, format, version, ...texts } }));
}

/**
 * Reads what `writeSealed` wrote.
 * @param floats makes values of a tensor's bytes; default: copies
 * @throws BundleError on another format or version, or a truncated or altered file.
 */
export function openSealed(
  bytes: Uint8Array,
  kind: FileKind,
  floats?: (bytes: Uint8Array) => Float32Array,
): SealedContent & { readonly digest: string } {
  const parts = splitSafetensors(bytes);
  const { digest, texts } = sealOf(parts.metadata, kind);
  const tensors = tensorsOf(parts, floats);
  checkSeal(digest, digestWithout(digest, bytes));
  return { digest, tensors, texts };
}

/** The digest that a file carries, with the file's own texts. @throws BundleError on another format or version, or without digest */
export function sealOf(
  metadata: Readonly<Record<string, string>>,
  kind: FileKind,
): { readonly digest: string; readonly texts: Readonly<Record<string, string>> } {
  const { digest = '', format, version, ...texts } = metadata;
  if (format !== kind.format || version !== kind.version) {
    const found = `${String(format)} version ${String(version)}`;
    throw new BundleError(`its format is ${found}, expected ${kind.format} version ${kind.version}`);
  }
  if (DIGEST.test(digest)) return { digest, texts };
  throw new BundleError(
    `it was altered: it has no digest in its __metadata__, expected 64 hexadecimal digits`,
  );
}

/** @param actual what `digestWithout` makes of the file. @throws BundleError */
export function checkSeal(digest: string, actual: string): void {
  if (actual !== digest) throw new BundleError(`it was altered: its digest is ${actual}, expected ${digest}`);
}
