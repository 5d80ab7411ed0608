import { BundleError } from './bundle-error.js';
import type { AddendumManifest, BundleManifest, MemberEntry } from './manifest.js';
import { ADDENDUM_MANIFEST_SCHEMA, BUNDLE_MANIFEST_SCHEMA } from './manifest-schema.js';
import { checkSchema, type Schema } from './schema.js';

/** @throws BundleError that names the field at fault, what it holds and what is expected. */
export function parseBundleManifest(json: string | undefined): BundleManifest {
  return parsed<BundleManifest>(json, BUNDLE_MANIFEST_SCHEMA);
}

/** @throws BundleError that names the field at fault, what it holds and what is expected. */
export function parseAddendumManifest(json: string | undefined): AddendumManifest {
  return parsed<AddendumManifest>(json, ADDENDUM_MANIFEST_SCHEMA);
}

function parsed<Manifest extends { readonly members: readonly MemberEntry[] }>(
  json: string | undefined,
  schema: Schema,
): Manifest {
  const value = jsonOf(json);
  checkSchema(schema, value, 'manifest');
  const manifest = value as Manifest;
  requireAscending(manifest.members);
  return manifest;
}

function jsonOf(json: string | undefined): unknown {
  if (json === undefined) throw new BundleError('manifest: nothing, expected a JSON text in __metadata__');
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new BundleError('manifest: expected JSON', { cause });
  }
}

function requireAscending(members: readonly MemberEntry[]): void {
  members.forEach(({ ratio }, index) => {
    const before = members[index - 1]?.ratio;
    if (before === undefined || ratio > before) return;
    throw new BundleError(
      `manifest.members[${index}].ratio: ${ratio}, expected more than the ${before} before it`,
    );
  });
}
