import fs from 'node:fs';
import path from 'node:path';

export interface IsochronVersion {
  /** That of the package: what is held to other versions of Isochron. */
  readonly release: string;
  /** Where this is a build, `release+code`, with a digest of the sources that it was made from: for people, never to compare. */
  readonly full: string;
}

/**
 * Of the nearest package.json at or above a folder, and of the `build.json` on the way to it, which a build has in dist/ and
 * the packaged agent beside its package.json. Sources have none.
 */
export function versionAbove(folder: string): IsochronVersion {
  const build = readJson<{ code: string }>(folder, 'build.json');
  const found = readJson<{ version: string }>(folder, 'package.json');
  const { release, full } = found
    ? { release: found.version, full: found.version }
    : versionAbove(path.dirname(folder));
  return { release, full: build ? `${release}+${build.code}` : full };
}

function readJson<T>(folder: string, name: string): T | undefined {
  const file = path.join(folder, name);
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as T) : undefined;
}

let known: IsochronVersion | undefined;

/** Of this installation, as it was when this process first asked: a build may be renewed while it runs. */
const ownVersion = (): IsochronVersion => (known ??= versionAbove(import.meta.dirname));

/** What names this code, in cards, reports and logs: `0.1.0+a1b2c3d4e5f6` of a build, `0.1.0` of sources. */
export const isochronVersion = (): string => ownVersion().full;

/** What decides whether another process's work can be gone on with: the same for all builds of a release. */
export const isochronRelease = (): string => ownVersion().release;
