import type { Tensor } from '#graph';
import type { Family, RatioMember } from '#pruning';
import { BundleError } from './bundle-error.js';
import { fitting } from './family-tensors.js';
import { ADDENDUM_KIND, addedEntries, type AddendumManifest, type BundleMetadata } from './manifest.js';
import { AFFINE_ROWS, memberTensors, takeMembers } from './member-tensors.js';
import { parseAddendumManifest } from './parse-manifest.js';
import { readBundle, type Bundle } from './read-bundle.js';
import { openSealed, writeSealed } from './sealed-file.js';
import { TensorTaker } from './tensor-taker.js';

/**
 * Ratios that were added to a published bundle: thresholds, widths and BatchNorm as factor and offset, without weights. All
 * of them count as derived: a factor without its statistics is nothing that another ratio could be derived from.
 */
export interface Addendum {
  /** That the addendum's file carries. */
  readonly digest: string;
  readonly manifest: AddendumManifest;
  /** By name, as in the file; whether they fit the bundle's network is seen when they are applied. */
  readonly tensors: Readonly<Record<string, Tensor>>;
}

export interface WriteAddendumOptions {
  /** The digest that the bundle carries. */
  readonly base: string;
  /** Which members of the family to write, ascending. */
  readonly ratios: readonly number[];
  readonly metadata: BundleMetadata;
}

/**
 * One safetensors file with what the given ratios add to a published bundle (docs/bundle-format.md).
 * @param family the bundle's, with the ratios in it
 * @throws RangeError when the family has no such ratio, or no ratio is given.
 */
export function writeAddendum(family: Family, { base, ratios, metadata }: WriteAddendumOptions): Uint8Array {
  if (ratios.length === 0) throw new RangeError('ratios: none, expected one at least for an addendum');
  const members = ratios.map((ratio) => memberAt(family, ratio));
  const manifest: AddendumManifest = { base, members: addedEntries(members), metadata };
  return writeSealed(ADDENDUM_KIND, {
    tensors: memberTensors(family.network, members, AFFINE_ROWS),
    texts: { manifest: JSON.stringify(manifest) },
  });
}

/**
 * Reads what `writeAddendum` wrote.
 * @throws BundleError on a truncated or altered file, another format or version, or a manifest with a field that is
 * missing, unknown or of another kind.
 */
export function readAddendum(bytes: Uint8Array): Addendum {
  const { digest, tensors, texts } = openSealed(bytes, ADDENDUM_KIND);
  return { digest, manifest: parseAddendumManifest(texts['manifest']), tensors };
}

/**
 * The bundle with an addendum's ratios in its family; the one given is left as it is.
 * @throws BundleError when the addendum is for another bundle, the family has a ratio already, or widths or BatchNorm do
 * not fit its network.
 */
export function applyAddendum(bundle: Bundle, { digest, manifest, tensors }: Addendum): Bundle {
  if (manifest.base !== bundle.digest) {
    throw new BundleError(`manifest.base: ${manifest.base}, expected the bundle's digest ${bundle.digest}`);
  }
  const { family } = bundle;
  const ratios = manifest.members.map(({ ratio }) => ratio);
  const known = family.members.map(({ ratio }) => ratio);
  const index = ratios.findIndex((ratio) => known.includes(ratio));
  if (index >= 0) {
    throw new BundleError(
      `manifest.members[${index}].ratio: ${ratios[index]!}, expected none that the bundle has: ${known.join(', ')}`,
    );
  }
  const taker = new TensorTaker(tensors);
  const added = fitting(() => takeMembers(family.network, manifest.members, taker, AFFINE_ROWS));
  taker.finish();
  const members = [...family.members, ...added].sort((a, b) => a.ratio - b.ratio);
  return { ...bundle, family: { ...family, members }, addenda: [...bundle.addenda, { digest, ratios }] };
}

/**
 * A bundle's file and those of its addenda, in any order, as one family.
 * @throws BundleError as `readBundle`, `readAddendum` and `applyAddendum` do.
 */
export function readBundleWithAddenda(bundle: Uint8Array, addenda: readonly Uint8Array[]): Bundle {
  return addenda.map(readAddendum).reduce(applyAddendum, readBundle(bundle));
}

function memberAt({ members }: Family, ratio: number): RatioMember {
  const member = members.find((candidate) => candidate.ratio === ratio);
  if (member) return member;
  const known = members.map((candidate) => candidate.ratio).join(', ');
  throw new RangeError(`ratios: ${ratio}, expected one of the family's: ${known}`);
}
