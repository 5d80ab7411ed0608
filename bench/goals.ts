import type { Goal } from './benchmark.js';

const higher = (mustLand: number, aim: number): Goal => ({ better: 'higher', mustLand, aim });
const lower = (mustLand: number, aim: number): Goal => ({ better: 'lower', mustLand, aim });

/** What is wanted of the training engine, by row. */
export const GOALS = {
  dense_step_share_of_pytorch: higher(0.6, 1),
  joint_step_share_of_pytorch: higher(0.8, 1.4),
  joint_step_over_kept_macs: lower(1.2, 1.05),
  wasm_dense_step_share_of_pytorch: higher(0.14, 0.3),
  peak_memory_over_pytorch: lower(1.5, 1),
  data_path_share: higher(0.95, 1),
} as const;

export const isMet = ({ better, mustLand }: Goal, value: number): boolean =>
  better === 'higher' ? value >= mustLand : value <= mustLand;
