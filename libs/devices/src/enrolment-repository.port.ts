import type { Actor, Device, EnrolmentKey, Page, PageQuery } from '#contracts';

/** A device to be made with a key. */
export interface NewEnrolment {
  readonly keyId: string;
  readonly device: Device;
  readonly installationId: string;
  readonly now: Date;
}

/** Keys by the digest of their secret, and which installation registered which device. */
export interface EnrolmentRepository {
  /** @throws AppError already_exists when the team has a key of this name */
  createKey(key: EnrolmentKey, digest: string): Promise<void>;
  findKey(actor: Actor, keyId: string): Promise<EnrolmentKey | undefined>;
  /** Of any team: the secret tells whose it is. */
  findKeyByDigest(digest: string): Promise<EnrolmentKey | undefined>;
  /** Newest first. */
  listKeys(actor: Actor, query: PageQuery): Promise<Page<EnrolmentKey>>;
  /**
   * Devices that were enrolled with it stay.
   * @param updatedAt nothing is done unless the key was last changed then
   * @returns whether there was one
   */
  deleteKey(actor: Actor, keyId: string, updatedAt?: string): Promise<boolean>;
  /** The device of a name, where this installation registered it. */
  findDevice(actor: Actor, name: string, installationId: string): Promise<Device | undefined>;
  /**
   * Counts a use of the key and stores the device, both or neither.
   * @throws AppError enrolment_refused when the key is gone, expired or used up, already_exists for the device's name
   */
  enrol(enrolment: NewEnrolment): Promise<void>;
}
