import { z } from 'zod';
import { Timestamp } from './common.js';

/** A public Ed25519 key as a JWK (RFC 8037), named by its thumbprint (RFC 7638). */
export const SigningJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'expected 32 bytes as base64url'),
  kid: z.string(),
  use: z.literal('sig'),
  alg: z.literal('EdDSA'),
  createdAt: Timestamp.describe('when the service first had it'),
  retiredAt: Timestamp.optional().describe('what it signed before stays valid'),
});
export type SigningJwk = z.infer<typeof SigningJwk>;

/** A JWK set (RFC 7517), the newest key first. */
export const SigningKeySet = z.object({ keys: z.array(SigningJwk) });
export type SigningKeySet = z.infer<typeof SigningKeySet>;
