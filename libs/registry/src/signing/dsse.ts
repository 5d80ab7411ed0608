import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { DsseEnvelope } from '#contracts';

/** A public Ed25519 key as far as checking needs it. */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** base64url */
  readonly x: string;
  readonly kid?: string | undefined;
}

/** Signs bytes by the key that it names. */
export interface Signer {
  readonly keyId: string;
  sign(bytes: Uint8Array): Buffer;
}

export interface OpenedEnvelope {
  readonly payloadType: string;
  readonly payload: Buffer;
  /** The key that verified. */
  readonly key: PublicJwk;
}

/** An envelope that nobody should believe. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
}

/**
 * Puts a payload into a DSSE envelope (https://github.com/secure-systems-lab/dsse, version 1.0.2). What is signed are the
 * bytes of the payload with their type: no reader has to write JSON in the same form.
 */
export function sealEnvelope(signer: Signer, payloadType: string, payload: Uint8Array): DsseEnvelope {
  const sig = signer.sign(preAuthEncoding(payloadType, payload)).toString('base64');
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ keyid: signer.keyId, sig }],
  };
}

/**
 * The payload of an envelope that one of the keys has signed. The name of the key in the envelope is a hint that is not
 * believed.
 * @throws EnvelopeError when no signature is of one of the keys
 */
export function openEnvelope(envelope: DsseEnvelope, keys: readonly PublicJwk[]): OpenedEnvelope {
  const payload = bytesOf(envelope.payload, 'payload');
  const signed = preAuthEncoding(envelope.payloadType, payload);
  const signatures = envelope.signatures.map(({ sig }) => bytesOf(sig, 'sig'));
  const key = keys.find((candidate) => {
    const publicKey = publicKeyOf(candidate);
    return signatures.some((signature) => verify(null, signed, publicKey, signature));
  });
  if (key !== undefined) return { payloadType: envelope.payloadType, payload, key };
  throw new EnvelopeError(`no signature is right: ${whyNone(envelope, keys)}`);
}

/** What the name of the key tells people; it is not what was checked. */
function whyNone({ signatures }: DsseEnvelope, keys: readonly PublicJwk[]): string {
  const names = signatures.map(({ keyid = '' }) => keyid);
  const named = names.map((name) => JSON.stringify(name)).join(', ');
  if (keys.some(({ kid }) => kid !== undefined && names.includes(kid)))
    return `what was signed, or the signature, was altered: the key that it names, ${named}, is given`;
  const known = keys.map(({ kid }) => kid ?? 'without a name').join(', ');
  return `it was signed by a key that is not given, or altered (it names ${named}; given: ${known || 'none'})`;
}

/** PAE of the DSSE protocol: lengths in bytes, so that type and payload cannot flow into each other. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function publicKeyOf({ kty, crv, x }: PublicJwk): KeyObject {
  return createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
}

/** Only as base64 writes it: Node would pass over what does not belong there. */
function bytesOf(base64: string, field: string): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') === base64) return bytes;
  throw new EnvelopeError(`${field} of the envelope is not base64`);
}
