import { AppError, Sha256 } from '#contracts';

/** Where the bundle of a new version is. */
export type VersionSource =
  | { readonly kind: 'digest'; readonly digest: string }
  | { readonly kind: 'version'; readonly model: string; readonly version: number }
  | { readonly kind: 'alias'; readonly model: string; readonly alias: string }
  /** A file that was put by the artifact proxy, or a folder of such files. */
  | { readonly kind: 'files'; readonly path: string };

/** Below it, every version has a folder with its files. */
export const MODELS_FOLDER = 'models';
/** Below it, files are named by their digest. */
export const DIGESTS_FOLDER = 'sha256';

const SCHEME = 'mlflow-artifacts:';
const MODEL_URI = /^models:\/([^/@]+)(?:\/(\d{1,9})|@([^/@]+))$/;

/**
 * @param host of this service, as the client calls it
 * @throws AppError invalid_request for a URI of anything that is not here
 */
export function parseSource(uri: string, host: string): VersionSource {
  const [, model, version, alias] = MODEL_URI.exec(uri) ?? [];
  if (model !== undefined && version !== undefined)
    return { kind: 'version', model, version: Number(version) };
  if (model !== undefined && alias !== undefined) return { kind: 'alias', model, alias };
  const path = pathIn(uri, host);
  if (path === undefined) throw badSource(uri, host);
  const [folder, first = '', second = ''] = path.split('/');
  if (folder === MODELS_FOLDER && /^\d{1,9}$/.test(second))
    return { kind: 'version', model: first, version: Number(second) };
  if (folder === DIGESTS_FOLDER && Sha256.safeParse(first).success) return { kind: 'digest', digest: first };
  if (folder === MODELS_FOLDER || folder === DIGESTS_FOLDER || path === '') throw badSource(uri, host);
  return { kind: 'files', path };
}

/** The folder of a version's files, for clients whose artifacts are kept elsewhere too: so it names the host. */
export function versionFolder(host: string, model: string, version: number): string {
  return `${SCHEME}//${host}/${MODELS_FOLDER}/${model}/${version}`;
}

function pathIn(uri: string, host: string): string | undefined {
  if (!uri.startsWith(SCHEME) || !URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  const isHere = url.host === '' || url.host === host;
  return isHere ? decoded(url.pathname)?.replace(/^\/+|\/+$/g, '') : undefined;
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function badSource(uri: string, host: string): AppError {
  const expected =
    `a bundle on this server: mlflow-artifacts:/PATH of a file that was put there (on ${host}), ` +
    'mlflow-artifacts:/sha256/DIGEST of one that was uploaded, or models:/NAME/VERSION';
  return new AppError('invalid_request', `source is "${uri}": expected ${expected}`, {
    fields: [{ field: 'source', value: uri, expected }],
  });
}
