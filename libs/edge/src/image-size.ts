import { readBundleInPlace } from '#bundle';
import type { StoredBundle } from './runtime/bundle-folder.js';

/** Values of one image that a bundle's network takes. @throws BundleError */
export function imageSizeOf({ bundle }: Pick<StoredBundle, 'bundle'>): number {
  const { channels, height, width } = readBundleInPlace(bundle).family.network.input;
  return channels * height * width;
}
