import type { Network, Widths } from '#network';

export const BUNDLE_FORMAT = 'isochron-bundle';
export const BUNDLE_VERSION = '1';

/** Whatever the publisher wants to say: accuracies, job, dataset digest. Must survive JSON. */
export type BundleMetadata = Readonly<Record<string, unknown>>;

/** What a bundle says of itself, beside its tensors. */
export interface BundleManifest {
  readonly network: Network;
  readonly members: readonly {
    readonly ratio: number;
    readonly threshold: number;
    readonly widths: Widths;
    /** Only where it is true. */
    readonly derived?: true | undefined;
  }[];
  readonly metadata: BundleMetadata;
}
