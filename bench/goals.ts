import type { BenchRow, Goal } from './benchmark.js';

const higher = (mustLand: number, aim: number): Goal => ({ better: 'higher', mustLand, aim });
const lower = (mustLand: number, aim: number): Goal => ({ better: 'lower', mustLand, aim });

const nearerZero = (mustLand: number, aim: number): Goal => ({ better: 'nearer-zero', mustLand, aim });

/** What is wanted of the training engine and of what it trains, by row. */
export const GOALS = {
  dense_step_share_of_pytorch: higher(0.6, 1),
  joint_step_share_of_pytorch: higher(0.8, 1.4),
  joint_step_over_kept_macs: lower(1.2, 1.05),
  wasm_dense_step_share_of_pytorch: higher(0.14, 0.3),
  peak_memory_over_pytorch: lower(1.5, 1),
  data_path_share: higher(0.95, 1),
  all_in_one_minus_uniform_mean_points: { ...higher(0, 1), intervalAtLeast: -0.3 },
  all_in_one_minus_independent_worst_points: higher(-0.5, 0),
  all_in_one_at_0_minus_dense_points: higher(-0.3, 0),
  training_macs_over_independents: lower(1.2, 1),
  bundle_bytes_over_dense: lower(1.05, 1.05),
  untrained_ratio_error_points: lower(1, 0.3),
  uniform_minus_pytorch_usnet_mean_points: nearerZero(0.5, 0),
} as const satisfies Readonly<Record<string, Goal>>;

/** Whether a figure lands; one whose interval is bounded does not without an interval. */
export function isMet(goal: Goal, { value, interval }: Pick<BenchRow, 'value' | 'interval'>): boolean {
  const { better, mustLand, intervalAtLeast } = goal;
  if (intervalAtLeast !== undefined && !(interval && interval[0] >= intervalAtLeast)) return false;
  if (better === 'nearer-zero') return Math.abs(value) <= mustLand;
  return better === 'higher' ? value >= mustLand : value <= mustLand;
}

/** What a figure must be, in words. */
export function mustLandOf(goal: Goal): string {
  const { intervalAtLeast } = goal;
  const interval = intervalAtLeast === undefined ? '' : `, interval ≥ ${intervalAtLeast}`;
  return `${signOf(goal)} ${goal.mustLand}${interval}`;
}

/** What a figure is hoped to be, in words. */
export const aimOf = (goal: Goal): string => `${signOf(goal)} ${goal.aim}`;

const signOf = ({ better }: Goal): string => ({ higher: '≥', lower: '≤', 'nearer-zero': '±' })[better];
