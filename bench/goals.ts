import type { BenchRow, Goal, SeedsOfRow } from './benchmark.js';

const higher = (mustLand: number, aim: number): Goal => ({ better: 'higher', mustLand, aim });
const lower = (mustLand: number, aim: number): Goal => ({ better: 'lower', mustLand, aim });

const nearerZero = (mustLand: number, aim: number): Goal => ({ better: 'nearer-zero', mustLand, aim });

/** What is wanted of engine, training, calibration and service, by row. */
export const GOALS = {
  dense_step_share_of_pytorch: higher(0.6, 1),
  joint_step_share_of_pytorch: higher(0.8, 1.4),
  joint_step_over_kept_macs: lower(1.2, 1.05),
  wasm_dense_step_share_of_pytorch: higher(0.14, 0.3),
  peak_memory_over_pytorch: lower(1.5, 1),
  data_path_share: higher(0.95, 1),
  latency_tables_list_page_ms: lower(50, 20),
  latency_table_page_ms: lower(50, 20),
  latency_import_seconds: lower(30, 15),
  all_in_one_minus_uniform_mean_points: { ...higher(0, 1), intervalAtLeast: -0.3 },
  all_in_one_minus_independent_worst_points: higher(-0.5, 0),
  all_in_one_at_0_minus_dense_points: higher(-0.3, 0),
  training_macs_over_independents: lower(1.2, 1),
  bundle_bytes_over_dense: lower(1.05, 1.05),
  untrained_ratio_error_points: lower(1, 0.3),
  held_within_5_percent_share: higher(0.99, 1),
  false_feasible_devices: lower(0, 0),
  cells_measured_share: lower(0.5, 0.25),
  calibration_ms: lower(20, 20),
  emulated_calibrated_spread: lower(1.15, 1.05),
  emulated_variance_reduction: higher(20, 100),
  submit_per_s_redis: higher(500, 2000),
  submit_per_s_postgres: higher(200, 2000),
  submit_p99_ms_redis: lower(150, 150),
  submit_lost: lower(0, 0),
  start_latency_p50_ms: lower(100, 100),
  sse_missed: lower(0, 0),
  sse_p99_ms: lower(1000, 1000),
  list_page_ms: lower(50, 50),
  api_rss_mb: lower(300, 300),
  switch_p99_ms: lower(45, 5),
  steady_latency_over_plain_onnx: lower(1.05, 1),
  runtime_memory_over_four_models: lower(0.6, 0.5),
  publish_share_of_copy: higher(0.5, 0.8),
  fetch_share_of_copy: higher(0.5, 0.8),
  first_byte_p50_ms: lower(20, 5),
  parallel_fetch_failures: lower(0, 0),
  uniform_minus_pytorch_usnet_worst_points: { ...nearerZero(0.5, 0), needsInterval: true },
} as const satisfies Readonly<Record<string, Goal>>;

/** What decides whether a row lands. */
type Judged = Pick<BenchRow, 'value' | 'interval' | 'detail'>;

/** Whether a figure lands; one that lacks seeds, or an interval where its goal is about that, does not. */
export function isMet(goal: Goal, row: Judged): boolean {
  return missingSeeds(row) === '' && isIntervalMet(goal, row) && isValueMet(goal, row);
}

/** What goes behind the verdict on a figure over fewer seeds than were asked for, as " (2 of 5 seeds)"; else empty. */
export function missingSeeds({ detail }: Pick<BenchRow, 'detail'>): string {
  const { seeds, seedsAsked } = detail as Partial<SeedsOfRow>;
  if (seeds === undefined || seedsAsked === undefined || seeds.length >= seedsAsked) return '';
  return ` (${seeds.length} of ${seedsAsked} seeds)`;
}

function isIntervalMet({ intervalAtLeast, needsInterval = false }: Goal, { interval }: Judged): boolean {
  if (interval === undefined) return intervalAtLeast === undefined && !needsInterval;
  return intervalAtLeast === undefined || interval[0] >= intervalAtLeast;
}

function isValueMet({ better, mustLand }: Goal, { value }: Judged): boolean {
  if (better === 'nearer-zero') return Math.abs(value) <= mustLand;
  return better === 'higher' ? value >= mustLand : value <= mustLand;
}

/** Larger for the worse of two values. */
export function badness({ better }: Goal, value: number): number {
  if (better === 'nearer-zero') return Math.abs(value);
  return better === 'higher' ? -value : value;
}

/** What a figure must be, in words. */
export function mustLandOf(goal: Goal): string {
  const { intervalAtLeast, needsInterval } = goal;
  const interval = intervalAtLeast === undefined ? '' : `, interval ≥ ${intervalAtLeast}`;
  const seeds = needsInterval ? ', at least 2 seeds' : '';
  return `${signOf(goal)} ${goal.mustLand}${interval}${seeds}`;
}

/** What a figure is hoped to be, in words. */
export const aimOf = (goal: Goal): string => `${signOf(goal)} ${goal.aim}`;

const signOf = ({ better }: Goal): string => ({ higher: '≥', lower: '≤', 'nearer-zero': '±' })[better];
