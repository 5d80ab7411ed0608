import type { Actor, ApiKey, Page, PageQuery } from '#contracts';

/** A key to be revoked. */
export interface Revocation {
  readonly keyId: string;
  readonly at: Date;
  /** Nothing is done unless the key was last changed then. */
  readonly updatedAt?: string | undefined;
}

/** API keys by the digest of their secret. Revoked and expired ones stay. */
export interface ApiKeyRepository {
  create(key: ApiKey, digest: string): Promise<void>;

  /**
   * Stores a key if there is none of any team yet; of several that try at once, one does.
   * @param keep called before anything is stored for good; nothing is when it throws.
   * @returns whether it was stored
   */
  createFirst(key: ApiKey, digest: string, keep: () => Promise<void> | void): Promise<boolean>;

  /** Stores the key of a device, and revokes those that earlier calls stored for it; all or nothing. */
  replaceEnrolled(key: ApiKey, digest: string): Promise<void>;

  find(actor: Actor, keyId: string): Promise<ApiKey | undefined>;

  /** Of any team: the secret tells whose it is. */
  findByDigest(digest: string): Promise<ApiKey | undefined>;

  /** Newest first. */
  list(actor: Actor, query: PageQuery): Promise<Page<ApiKey>>;

  /** One that is revoked already stays as it is. @returns whether there is such a key, last changed as given */
  revoke(actor: Actor, revocation: Revocation): Promise<boolean>;

  /** Writes when a key was used, unless that is known to the minute. */
  noteUse(keyId: string, at: Date): Promise<void>;
}
