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

export interface EnrolmentServiceParts {
  readonly enrolments: EnrolmentRepository;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Unguessable text that may stand in a URL or a header. */
  readonly newSecret: () => string;
  /** One way: secrets are stored as this. */
  readonly digest: (text: string) => string;
}

export interface Enrolled {
  readonly device: Device;
  /** False where the same installation had registered it before. */
  readonly created: boolean;
}

/** Keys are told from other secrets by how they begin. */
const KEY_START = 'isochron_ek_';
/** Enough to tell keys apart, too little to guess the rest. */
const PREFIX_LENGTH = KEY_START.length + 6;

/** Keys with which agents register the devices that they run on. */
export class EnrolmentService {
  constructor(private readonly parts: EnrolmentServiceParts) {}

  /** The one time that the key itself is told. @throws AppError already_exists */
  async createKey(actor: Actor, request: CreateEnrolmentKey): Promise<NewEnrolmentKey> {
    const { enrolments, now, newId, newSecret, digest } = this.parts;
    const secret = KEY_START + newSecret();
    const prefix = secret.slice(0, PREFIX_LENGTH);
    const key: EnrolmentKey = { ...newAudit(actor, newId(), now()), ...request, prefix, uses: 0 };
    await enrolments.createKey(key, digest(secret));
    return { ...key, key: secret };
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

  /** @throws AppError not_found */
  async deleteKey(actor: Actor, keyId: string): Promise<void> {
    if (!(await this.parts.enrolments.deleteKey(actor, keyId))) throw notFound('enrolment key', keyId);
  }

  /**
   * Registers a device for the key's team. The installation that registered a device of this name gets it again,
   * unchanged and without another use.
   * @throws AppError enrolment_refused, or already_exists when the name belongs to another device
   */
  async enrol(secret: string | undefined, request: CreateEnrolment): Promise<Enrolled> {
    const { enrolments, now, newId, digest } = this.parts;
    const key = secret === undefined ? undefined : await enrolments.findKeyByDigest(digest(secret));
    if (key === undefined) throw refused('there is no such enrolment key');
    if (key.expiresAt !== undefined && Date.parse(key.expiresAt) <= now().getTime()) {
      throw refused(`the enrolment key "${key.name}" expired at ${key.expiresAt}`);
    }
    const { installationId, ...description } = request;
    const known = await enrolments.findDevice(key, request.name, installationId);
    if (known !== undefined) return { device: known, created: false };
    const device: Device = { ...newAudit(key, newId(), now()), ...description };
    return this.store({ keyId: key.id, device, installationId, now: now() }, key);
  }

  private async store(
    enrolment: Parameters<EnrolmentRepository['enrol']>[0],
    key: EnrolmentKey,
  ): Promise<Enrolled> {
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
