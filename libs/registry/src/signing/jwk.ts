import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { Signer } from './dsse.js';

/** The public half of an Ed25519 key, as base64url of its 32 bytes. */
export function publicXOf(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ format: 'jwk' }).x!;
}

/** What a public key is called: its thumbprint (RFC 7638, in the form that RFC 8037 appendix A.3 gives it). */
export function thumbprintOf(x: string): string {
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
}

/**
 * A private Ed25519 key from PEM.
 * @throws Error saying what it is instead
 */
export function ed25519Key(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new Error(`expected an Ed25519 private key, got ${key.asymmetricKeyType ?? key.type}`);
}

export function signerOf(privateKey: KeyObject): Signer {
  return {
    keyId: thumbprintOf(publicXOf(privateKey)),
    sign: (bytes) => sign(null, bytes, privateKey),
  };
}
