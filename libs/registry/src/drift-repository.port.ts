import type { Actor, DriftDirection } from '#contracts';
import type { DriftState } from './drift-test.port.js';

/** What is stored of one operating point of a deployment. */
export interface StoredDrift {
  readonly operatingPoint: string;
  readonly state: DriftState;
  /** The highest sequence that was counted. */
  readonly sequence?: number;
  readonly alarm?: { readonly drifted: DriftDirection; readonly at: Date };
}

/** Where the latencies of a post belong, and when it came. */
export interface DriftPlace {
  readonly deploymentId: string;
  readonly operatingPoint: string;
  readonly now: Date;
}

/** What the field has said about deployments, point by point. */
export interface DriftRepository {
  /**
   * Stores what `change` makes of the point's drift, `undefined` for a point that has none yet, and gives it back.
   * Concurrent calls for one point are applied one after the other. When `change` gives back what it got, or throws,
   * nothing is written.
   * @throws AppError not_found when the team has no such deployment
   */
  update(
    actor: Actor,
    place: DriftPlace,
    change: (before: StoredDrift | undefined) => StoredDrift,
  ): Promise<StoredDrift>;

  /** Of the points that were seen in the field, by name. */
  list(actor: Actor, deploymentId: string): Promise<StoredDrift[]>;
}
