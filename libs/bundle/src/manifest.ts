import type { Network, Widths } from '#network';
import type { RatioMember } from '#pruning';

export const BUNDLE_KIND = { format: 'isochron-bundle', version: '1' };
export const ADDENDUM_KIND = { format: 'isochron-addendum', version: '1' };

/** Whatever the publisher wants to say: accuracies, job, dataset digest. Must survive JSON. */
export type BundleMetadata = Readonly<Record<string, unknown>>;

/** A ratio of the family; its BatchNorm is the tensor of its place. */
export interface MemberEntry {
  readonly ratio: number;
  readonly threshold: number;
  readonly widths: Widths;
  /** Only where it is true. */
  readonly derived?: true | undefined;
}

/** What a bundle says of itself, beside its tensors. */
export interface BundleManifest {
  readonly network: Network;
  readonly members: readonly MemberEntry[];
  readonly metadata: BundleMetadata;
}

/** A ratio of an addendum. */
export interface AddedMemberEntry extends MemberEntry {
  readonly derived: true;
}

/** What an addendum says of itself, beside its tensors. */
export interface AddendumManifest {
  /** Digest that the bundle carries to which the ratios belong. */
  readonly base: string;
  readonly members: readonly AddedMemberEntry[];
  readonly metadata: BundleMetadata;
}

export function memberEntries(members: readonly RatioMember[]): MemberEntry[] {
  return members.map(({ ratio, threshold, widths, derived }) => ({
    ...{ ratio, threshold, widths },
    ...(derived && { derived }),
  }));
}

export function addedEntries(members: readonly RatioMember[]): AddedMemberEntry[] {
  return members.map(({ ratio, threshold, widths }) => ({ ratio, threshold, widths, derived: true }));
}
