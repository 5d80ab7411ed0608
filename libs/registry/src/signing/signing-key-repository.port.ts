/** A key as it is kept. */
export interface NewSigningKey {
  readonly keyId: string;
  /** base64url of the 32 bytes of the public half. */
  readonly publicX: string;
  /** PKCS8 PEM; not of a key that is kept elsewhere. */
  readonly privateKey?: string | undefined;
}

export interface StoredSigningKey extends NewSigningKey {
  readonly createdAt: Date;
  readonly retiredAt?: Date | undefined;
}

/** The keys that reports are, or were, signed with: of the service, not of a team. */
export interface SigningKeyRepository {
  /** The one that signs; where there is none it is made. Of processes that ask at the same time one makes it. */
  current(make: () => NewSigningKey): Promise<StoredSigningKey>;
  /** Keeps the public half of a key that is kept elsewhere, once. */
  note(key: NewSigningKey): Promise<void>;
  /** Has `next` sign from now on. The one before stays known as retired, or is forgotten. */
  rotate(next: NewSigningKey, former: 'retired' | 'forgotten'): Promise<void>;
  /** Newest first. */
  list(): Promise<StoredSigningKey[]>;
}
