import type { DriftDirection } from '#contracts';

/** What the test of one operating point has seen: plain data, stored between the posts of a device. */
export interface DriftState {
  /** Whole blocks of latencies. */
  readonly blocks: number;
  /** What has been gained by betting that latency has risen, and that it has fallen, stake by stake. */
  readonly slower: readonly number[];
  readonly faster: readonly number[];
  /** Of the block that is not full yet, in milliseconds. */
  readonly pendingMs: readonly number[];
  /** Of the newest blocks, oldest first, in milliseconds. */
  readonly recentMediansMs: readonly number[];
}

export interface DriftReference {
  readonly predictedMs: number;
  /** Relative distance from the prediction that is no drift. */
  readonly tolerance: number;
}

/** Decides from field latencies, as they come, whether an operating point has to be measured again. */
export interface DriftTest {
  readonly nothingSeen: DriftState;
  /** Evidence that raises an alarm. */
  readonly evidenceNeeded: number;
  /** That latency has risen, and that it has fallen. */
  evidenceIn(state: DriftState): { readonly slower: number; readonly faster: number };
  /**
   * Takes latencies in the order measured, up to the one that raises an alarm: all at once or one by one, the verdict is
   * the same.
   */
  observe(
    before: DriftState,
    latenciesMs: readonly number[],
    reference: DriftReference,
  ): { readonly state: DriftState; readonly drifted: DriftDirection | undefined };
}
