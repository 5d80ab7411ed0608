/** Thrown when bytes are not a bundle that this version can read: names what was found and what was expected. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}
