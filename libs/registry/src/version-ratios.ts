import type { ModelVersion, VersionRatio } from '#contracts';

/** A ratio that a version can run. */
export interface RunnableRatio extends VersionRatio {
  /** Digest of the addendum that brought it; none for those of the bundle. */
  readonly addendum?: string;
}

/** All ratios that a version has, of its bundle and of addenda, ascending. */
export function ratiosOf(
  { ratios }: Pick<ModelVersion, 'ratios'>,
  addenda: readonly { readonly digest: string; readonly ratios: readonly VersionRatio[] }[],
): RunnableRatio[] {
  const added = addenda.flatMap((addendum) =>
    addendum.ratios.map((result) => ({ ...result, addendum: addendum.digest })),
  );
  return [...ratios, ...added].sort((a, b) => a.ratio - b.ratio);
}
