/** The alias of a reference that names none. */
export const USUAL_ALIAS = 'production';

/** Which version of a model: a number, or what an alias points to. */
export type ModelReference =
  { readonly model: string; readonly alias: string } | { readonly model: string; readonly version: number };

const REFERENCE = /^([a-z0-9][a-z0-9._-]{0,62})(?:@([a-z0-9][a-z0-9._-]{0,62})|\/([1-9]\d{0,8}))?$/;

/** Of `MODEL`, `MODEL@ALIAS` or `MODEL/VERSION`; undefined for anything else. */
export function modelReferenceOf(text: string): ModelReference | undefined {
  const [, model, alias = USUAL_ALIAS, version] = REFERENCE.exec(text) ?? [];
  if (model === undefined) return undefined;
  return version === undefined ? { model, alias } : { model, version: Number(version) };
}
