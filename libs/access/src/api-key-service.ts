import {
  AppError,
  newAudit,
  notFound,
  unknownReference,
  type Actor,
  type ApiKey,
  type Caller,
  type CreateApiKey,
  type Device,
  type NewApiKey,
  type Page,
  type PageQuery,
} from '#contracts';
import type { ApiKeyRepository } from './api-key-repository.port.js';
import { KeyUses } from './key-uses.js';
import { API_KEY_START, digestOf, mayBeKey, newSecret } from './secrets.js';

export interface ApiKeyServiceParts {
  readonly keys: ApiKeyRepository;
  readonly devices: { find(actor: Actor, deviceId: string): Promise<Device | undefined> };
  readonly now: () => Date;
  readonly newId: () => string;
  /** Told when it could not be written that a key was used. */
  readonly onError: (error: unknown) => void;
}

/** Keys with which clients call the API. */
export class ApiKeyService {
  private readonly uses: KeyUses;

  constructor(private readonly parts: ApiKeyServiceParts) {
    this.uses = new KeyUses(parts.keys, parts.onError);
  }

  /** The one time that the key itself is told. @throws AppError invalid_request naming deviceId */
  async create(actor: Actor, request: CreateApiKey): Promise<NewApiKey> {
    const { deviceId } = request;
    if (deviceId !== undefined && (await this.parts.devices.find(actor, deviceId)) === undefined) {
      throw unknownReference('deviceId', deviceId, 'device');
    }
    const { key, secret } = this.newKey(actor, request);
    await this.parts.keys.create(key, secret.digest);
    return { ...key, key: secret.key };
  }

  /**
   * Makes an admin key if no team has a key at all. Any number of processes may try at once.
   * @param keep given the secret before the key is valid; where it throws there is no key.
   * @returns whether the key was made
   */
  createFirst(actor: Actor, name: string, keep: (secret: string) => Promise<void> | void): Promise<boolean> {
    const { key, secret } = this.newKey(actor, { name, role: 'admin' });
    return this.parts.keys.createFirst(key, secret.digest, () => keep(secret.key));
  }

  /** A key for what runs on a device; the one that this gave before is revoked. @returns the secret */
  async createForDevice(actor: Actor, device: Device): Promise<string> {
    const request = { name: device.name, role: 'device', deviceId: device.id } as const;
    const { key, secret } = this.newKey(actor, request);
    await this.parts.keys.replaceEnrolled(key, secret.digest);
    return secret.key;
  }

  /** @throws AppError not_found */
  async get(actor: Actor, keyId: string): Promise<ApiKey> {
    const key = await this.parts.keys.find(actor, keyId);
    if (key === undefined) throw notFound('API key', keyId);
    return key;
  }

  list(actor: Actor, query: PageQuery): Promise<Page<ApiKey>> {
    return this.parts.keys.list(actor, query);
  }

  /**
   * Has the key refused from now on; it stays in lists.
   * @param check throws when the key is not as the caller knows it
   * @throws AppError not_found, or precondition_failed when the key was changed after the check
   */
  async revoke(actor: Actor, keyId: string, check?: (key: ApiKey) => void): Promise<void> {
    const key = await this.get(actor, keyId);
    check?.(key);
    const updatedAt = check && key.updatedAt;
    if (await this.parts.keys.revoke(actor, { keyId, at: this.parts.now(), updatedAt })) return;
    throw new AppError('precondition_failed', `the API key "${keyId}" was changed at the same time`);
  }

  /** Whose secret it is; nobody's where it is unknown, revoked or expired, which look the same. */
  async identify(secret: string): Promise<Caller | undefined> {
    if (!mayBeKey(secret)) return undefined;
    const key = await this.parts.keys.findByDigest(digestOf(secret));
    const now = this.parts.now();
    if (key === undefined || key.revokedAt !== undefined) return undefined;
    if (key.expiresAt !== undefined && Date.parse(key.expiresAt) <= now.getTime()) return undefined;
    this.uses.note(key, now);
    const { id: keyId, teamId, name: owner, role, deviceId } = key;
    return { keyId, teamId, owner, role, deviceId };
  }

  /** Resolves when it is written which keys were used. */
  settled(): Promise<void> {
    return this.uses.settled();
  }

  private newKey(actor: Actor, request: CreateApiKey) {
    const { now, newId } = this.parts;
    const secret = newSecret(API_KEY_START);
    const key: ApiKey = { ...newAudit(actor, newId(), now()), ...request, prefix: secret.prefix };
    return { key, secret };
  }
}
