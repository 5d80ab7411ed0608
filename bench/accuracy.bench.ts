import os from 'node:os';
import path from 'node:path';
import { accuracyRows } from './accuracy/accuracy-rows.js';
import { benchSettings } from './accuracy/bench-settings.js';
import { bundleRow } from './accuracy/bundle-size.js';
import { claimRows } from './accuracy/claims.js';
import { progressTeller } from './accuracy/progress-line.js';
import { runContext } from './accuracy/run-context.js';
import { planRuns, type PlanContext } from './accuracy/run-plan.js';
import { performAll, type PoolState } from './accuracy/run-pool.js';
import { RunStore } from './accuracy/run-store.js';
import { FULL_SCALE } from './accuracy/scale.js';
import { seedCounts, type SeedCounts } from './accuracy/seed-runs.js';
import type { BenchOptions, BenchResult, Benchmark } from './benchmark.js';
import { findPyTorchPeers } from './engine/pytorch-peer.js';
import { positiveInteger } from './positive-integer.js';

const DEFAULT_FOLDER = 'var/bench/accuracy';

interface AccuracyOptions extends Partial<SeedCounts> {
  readonly jobs?: number;
  readonly folder?: string;
}

async function run(
  say: (text: string) => void,
  options: BenchOptions & AccuracyOptions,
): Promise<BenchResult> {
  const context = await makeContext(say, options);
  const { jobs = os.availableParallelism(), folder = DEFAULT_FOLDER } = options;
  const counts = seedCounts(context.scale, options);
  const store = new RunStore(path.resolve(folder), say);
  const plan = planRuns(context, counts);
  const state = await performAll(plan, { store, jobs, onChange: progressTeller(jobs, say) });
  return {
    rows: rowsOf(state, counts),
    versions: versionsOf(context),
    settings: { ...benchSettings(context, jobs) },
    failed: state.failed.map(({ planned: { method, seed }, message }) => ({ method, seed, message })),
  };
}

async function makeContext(
  say: (text: string) => void,
  { quick, peerPythons }: BenchOptions,
): Promise<PlanContext> {
  const [peer] = await findPyTorchPeers(peerPythons, say);
  if (!peer) say('the figures beside PyTorch are left out');
  return { ...(await runContext(quick)), peer };
}

function rowsOf({ finished, failed }: PoolState, counts: SeedCounts): BenchResult['rows'] {
  const runs = finished.map((each) => each.run);
  if (runs.length === 0)
    throw new Error(`no run of ${failed.length} finished; the first: ${failed[0]?.message}`);
  return [...claimRows(runs, counts), bundleRow(FULL_SCALE.ratios), ...accuracyRows(runs)];
}

function versionsOf({ peer }: PlanContext): Record<string, string> {
  return peer ? { pytorch: `${peer.torch} (Python ${peer.python})` } : {};
}

export const accuracy: Benchmark<AccuracyOptions> = {
  summary: 'accuracy of all methods on Fashion-MNIST over several seeds, beside PyTorch',
  addOptions: (command) =>
    void command
      .option('--seeds <count>', `seeds of every method (default: ${FULL_SCALE.seeds})`, positiveInteger)
      .option(
        '--peer-seeds <count>',
        `seeds of PyTorch (default: ${FULL_SCALE.peerSeeds}, or as many as --seeds)`,
        positiveInteger,
      )
      .option('--jobs <count>', 'trainings at once (default: one for each core)', positiveInteger)
      .option('--folder <dir>', `where finished trainings are kept (default: ${DEFAULT_FOLDER})`),
  run,
};
