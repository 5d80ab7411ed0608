import type { Request } from 'express';
import { AppError } from '#contracts';
import { invalidRequest } from './contract.pipe.js';

/** Of a body without a content coding both are the same (RFC 9530). */
const FIELDS = ['Repr-Digest', 'Content-Digest'] as const;
const SHA_256 = /(?:^|,)\s*sha-256\s*=\s*(?::([A-Za-z0-9+/]{43}=):)?/;

/** A digest that a client said of its body. */
export interface AnnouncedDigest {
  readonly field: (typeof FIELDS)[number];
  /** SHA-256 as 64 hex digits. */
  readonly digest: string;
}

/** For the documentation of a route whose body they are looked at for. */
export const ANNOUNCED_DIGEST = {
  'Repr-Digest':
    'SHA-256 of the body (RFC 9530), as `sha-256=:BASE64:`, which it is held to; `Content-Digest` too',
};

/** Those by other algorithms are passed over. @throws AppError invalid_request for a SHA-256 that is none */
export function announcedDigests(request: Request): AnnouncedDigest[] {
  return FIELDS.flatMap((field) => {
    const value = request.get(field);
    const found = value === undefined ? null : SHA_256.exec(value);
    if (found === null) return [];
    const [, base64] = found;
    if (base64 !== undefined) return [{ field, digest: Buffer.from(base64, 'base64').toString('hex') }];
    throw invalidRequest([{ field, value: value!.slice(0, 200), expected: 'sha-256=:BASE64:, of 32 bytes' }]);
  });
}

/** @throws AppError upload_corrupt for a body of another digest than its client said */
export function checkAnnounced(announced: readonly AnnouncedDigest[], found: string): void {
  const wrong = announced.find(({ digest }) => digest !== found);
  if (wrong === undefined) return;
  const { field, digest } = wrong;
  const detail = `the SHA-256 of the body is ${found}: expected ${digest}, which ${field} says; it was thrown away`;
  throw new AppError('upload_corrupt', detail, {
    fields: [{ field, value: digest, expected: 'the SHA-256 of what is sent' }],
  });
}
