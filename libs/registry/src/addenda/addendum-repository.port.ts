import type { Actor, ModelAddendum, VersionReference } from '#contracts';

/** Addenda of versions. They are written with the end of the job that derives them. */
export interface AddendumRepository {
  /** All of a version, oldest first; none of a version that the team has not. */
  list(actor: Actor, version: VersionReference): Promise<ModelAddendum[]>;
}
