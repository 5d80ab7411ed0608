import {
  AppError,
  newAudit,
  notFound,
  type Actor,
  type CreateEnrolment,
  type CreateEnrolmentKey,
  type Device,
  type EnrolmentKey,
  type NewEnrolmentKey,
  type Page,
  type PageQuery,
} from '#contracts';
import type { EnrolmentRepository } from './enrolment-repository.port.js';

/** Makes the keys that enrolled devices call the API with. */
export interface DeviceKeys {
  /** A new key for the device; the one that this gave before is revoked. @returns the secret */
  createForDevice(actor: Actor, device: Device): Promise<string>;
}

/** Makes the secrets that enrolment keys are. */
export interface EnrolmentSecrets {
  /** An unguessable key that begins with `start`, how much of it may be shown, and its digest. */
  newSecret(start: string): { readonly key: string; readonly prefix: string; readonly digest: string };
  /** One way: a key is stored as this. */
  digestOf(key: string): string;
}

export interface EnrolmentServiceParts {
  readonly enrolments: EnrolmentRepository;
  readonly deviceKeys: DeviceKeys;
  readonly secrets: EnrolmentSecrets;
  readonly now: () => Date;
  readonly newId: () => string;
}

export interface Enrolled {
  readonly device: Device;
  /** False where the same installation had registered it before. */
  readonly created: boolean;
  /** What the device calls the API with from now on. */
  readonly apiKey: string;
  /** The enrolment key that was used. */
  readonly by: EnrolmentKey;
}

type Registered = Pick<Enrolled, 'device' | 'created'>;

/** Keys are told from other secrets by how they begin. */
const KEY_START = 'isochron_ek_';

/** Keys with which agents register the devices that they run on. */
export class EnrolmentService {
  constructor(private readonly parts: EnrolmentServiceParts) {}

  /** The one time that the key itself is told. @throws AppError already_exists */
  async createKey(actor: Actor, request: CreateEnrolmentKey): Promise<NewEnrolmentKey> {
    const { enrolments, secrets, now, newId } = this.parts;
    const { key, prefix, digest } = secrets.newSecret(KEY_START);
    const stored: EnrolmentKey = { ...newAudit(actor, newId(), now()), ...request, prefix, uses: 0 };
    await enrolments.createKey(stored, digest);
    return { ...stored, key };
  }

  /** @throws AppError not_found */
  async getKey(actor: Actor, keyId: string): Promise<EnrolmentKey> {
    const key = await this.parts.enrolments.findKey(actor, keyId);
    if (key === undefined) throw notFound('enrolment key', keyId);
    return key;
  }

  listKeys(actor: Actor, query: PageQuery): Promise<Page<EnrolmentKey>> {
    return this.parts.enrolments.listKeys(actor, query);
  }

  /**
   * @param check throws when the key is not as the caller knows it
   * @throws AppError not_found, or precondition_failed when the key was changed after the check
   */
  async deleteKey(actor: Actor, keyId: string, check?: (key: EnrolmentKey) => void): Promise<void> {
    const key = await this.getKey(actor, keyId);
    check?.(key);
    if (await this.parts.enrolments.deleteKey(actor, keyId, check && key.updatedAt)) return;
    throw check
      ? new AppError('precondition_failed', `the enrolment key "${key.name}" was used or deleted meanwhile`)
      : notFound('enrolment key', keyId);
  }

  /**
   * Registers a device for the key's team and gives it a key of its own. The installation that registered a device of
   * this name gets it again, unchanged and without another use, with a new key in place of the old one.
   * @throws AppError enrolment_refused, or already_exists when the name belongs to another device
   */
  async enrol(secret: string | undefined, request: CreateEnrolment): Promise<Enrolled> {
    const { enrolments, secrets, now, newId } = this.parts;
    const key = secret === undefined ? undefined : await enrolments.findKeyByDigest(secrets.digestOf(secret));
    if (key === undefined) throw refused('there is no such enrolment key');
    if (key.expiresAt !== undefined && Date.parse(key.expiresAt) <= now().getTime()) {
      throw refused(`the enrolment key "${key.name}" expired at ${key.expiresAt}`);
    }
    const { installationId, ...description } = request;
    const known = await enrolments.findDevice(key, request.name, installationId);
    const device: Device = known ?? { ...newAudit(key, newId(), now()), ...description };
    const registered = known
      ? { device, created: false }
      : await this.store({ keyId: key.id, device, installationId, now: now() }, key);
    const apiKey = await this.parts.deviceKeys.createForDevice(key, registered.device);
    return { ...registered, apiKey, by: key };
  }

  private async store(
    enrolment: Parameters<EnrolmentRepository['enrol']>[0],
    key: EnrolmentKey,
  ): Promise<Registered> {
    const { enrolments } = this.parts;
    const { device, installationId } = enrolment;
    try {
      await enrolments.enrol(enrolment);
      return { device, created: true };
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'already_exists')) throw error;
      // The same installation may have asked twice at the same time.
      const known = await enrolments.findDevice(key, device.name, installationId);
      if (known === undefined) throw error;
      return { device: known, created: false };
    }
  }
}

const refused = (detail: string) => new AppError('enrolment_refused', detail);
