import { invalidRequest } from './contract.pipe.js';

/** The ETag of a resource that counts its revisions. */
export function etagOf({ revision }: { readonly revision: number }): string {
  return `"${revision}"`;
}

const ENTITY_TAG = '(?:W/)?"[^"]*"';
const IF_MATCH = new RegExp(`^\\s*(?:\\*|${ENTITY_TAG}(?:\\s*,\\s*${ENTITY_TAG})*)\\s*$`);

/**
 * Whether a revision is one that If-Match allows (RFC 9110, section 13.1.1); every one where the header was not sent.
 * Weak tags match nothing.
 * @throws AppError invalid_request for a header that is none
 */
export function revisionCheck(ifMatch: string | undefined): (revision: number) => boolean {
  if (ifMatch === undefined || ifMatch.trim() === '*') return () => true;
  if (!IF_MATCH.test(ifMatch)) {
    throw invalidRequest([{ field: 'If-Match', value: ifMatch, expected: 'the ETag of the resource, or *' }]);
  }
  const allowed: readonly string[] = ifMatch.match(new RegExp(ENTITY_TAG, 'g')) ?? [];
  return (revision) => allowed.includes(etagOf({ revision }));
}
