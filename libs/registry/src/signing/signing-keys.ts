import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { SigningJwk, SigningKeySet } from '#contracts';
import type { Signer } from './dsse.js';
import { ed25519Key, publicXOf, signerOf, thumbprintOf } from './jwk.js';
import type { NewSigningKey, SigningKeyRepository, StoredSigningKey } from './signing-key-repository.port.js';

export interface SigningKeysParts {
  readonly keys: SigningKeyRepository;
  /** PEM of a key that is kept elsewhere and signs in place of the stored one. */
  readonly ownKey?: string | undefined;
}

/** The service's keys: every process of it signs with the same one. */
export class SigningKeys {
  private readonly own: KeyObject | undefined;

  /** @throws Error when `ownKey` is no Ed25519 private key */
  constructor(private readonly parts: SigningKeysParts) {
    this.own = parts.ownKey === undefined ? undefined : ed25519Key(parts.ownKey);
  }

  /** Signs with the key of this moment; the first time that is asked for, it is made. */
  async signer(): Promise<Signer> {
    const { keys } = this.parts;
    if (this.own !== undefined) {
      await keys.note(publicHalf(this.own));
      return signerOf(this.own);
    }
    const { privateKey } = await keys.current(newKey);
    return signerOf(ed25519Key(privateKey!));
  }

  /** All keys whose signatures count, the newest first. */
  async keySet(): Promise<SigningKeySet> {
    await this.signer();
    return { keys: (await this.parts.keys.list()).map(jwkOf) };
  }

  /**
   * Makes another key, which signs from now on.
   * @param former `forgotten` when others know it: what it signed counts no more
   * @returns the name of the new key
   */
  async rotate(former: 'retired' | 'forgotten'): Promise<string> {
    const next = newKey();
    await this.parts.keys.rotate(next, former);
    return next.keyId;
  }
}

function newKey(): NewSigningKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  return { ...publicHalf(privateKey), privateKey: pem };
}

function publicHalf(privateKey: KeyObject): NewSigningKey {
  const publicX = publicXOf(privateKey);
  return { keyId: thumbprintOf(publicX), publicX };
}

function jwkOf({ keyId: kid, publicX: x, createdAt, retiredAt }: StoredSigningKey): SigningJwk {
  return {
    ...{ kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' },
    createdAt: createdAt.toISOString(),
    ...(retiredAt !== undefined && { retiredAt: retiredAt.toISOString() }),
  };
}
