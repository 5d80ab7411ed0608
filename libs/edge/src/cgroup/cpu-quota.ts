/** CPU time, in microseconds, that a cgroup may use within each period. */
export interface CpuQuota {
  readonly quotaUs: number;
  readonly periodUs: number;
}

/**
 * The shorter the period, the more of them a sample of work spans and the less a sample's length depends on where
 * in a period it began. But the scheduler hands quota to a CPU in slices of 5 ms and looks every few ms whether it
 * is used up: at 5 ms a half share really gave 0.41, at 10 ms and above 0.50 (Linux 6.18, 250 Hz). Several threads
 * wait for each other spinning, which uses quota up while one of them is held back, so they get longer periods: two
 * at a share of 0.35 took 60 ms for what should take 28 at 10 ms, 31 to 40 at longer ones.
 */
const PERIOD_US = 10_000;
/** The kernel takes no smaller quota, so small shares get a longer period. */
const MIN_QUOTA_US = 1_000;
/** The kernel takes no longer period. */
const MAX_PERIOD_US = 1_000_000;

/** The quota of `share` (0..1] of the CPU time that `threads` threads could use; `undefined` = no limit, for share 1. */
export function quotaOfShare(share: number, threads: number): CpuQuota | undefined {
  if (share >= 1) return undefined;
  const cpus = share * threads;
  const periodUs = Math.min(MAX_PERIOD_US, Math.max(PERIOD_US * threads, Math.ceil(MIN_QUOTA_US / cpus)));
  return { quotaUs: Math.max(MIN_QUOTA_US, Math.round(cpus * periodUs)), periodUs };
}
