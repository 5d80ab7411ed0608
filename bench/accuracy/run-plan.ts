import { costOf, resNet } from '#network';
import type { PyTorchPeer } from '../engine/pytorch-peer.js';
import { OWN_METHODS, type AccuracyMethod, type OwnMethod } from './accuracy-run.js';
import { pyTorchRun, pyTorchSettings } from './pytorch-usnet.js';
import { settingsOf, type RunContext } from './run-context.js';
import type { PlannedRun } from './run-pool.js';
import { inNodeProcess } from './run-process.js';
import type { OwnRunSettings } from './run-settings.js';
import type { SeedCounts } from './seed-runs.js';
import { trainingMacsOf } from './training-macs.js';

/** What all runs of a benchmark share. */
export interface PlanContext extends RunContext {
  /** Absent where there is no PyTorch. */
  readonly peer: PyTorchPeer | undefined;
}

/** All runs, seed by seed, so that whoever is interrupted has whole seeds to compare. */
export function planRuns(context: PlanContext, { seeds, peerSeeds }: SeedCounts): PlannedRun[] {
  const plan: PlannedRun[] = [];
  for (let seed = 1; seed <= Math.max(seeds, peerSeeds); seed++) {
    if (seed <= seeds) plan.push(...OWN_METHODS.map((method) => ownRun(context, method, seed)));
    if (seed <= peerSeeds && context.peer) plan.push(peerRun(context, context.peer, seed));
  }
  return plan;
}

function ownRun(context: PlanContext, method: OwnMethod, seed: number): PlannedRun {
  const settings = settingsOf(context, method);
  const perform = inNodeProcess({ method, seed, settings, files: context.files });
  return { method, seed, settings, plannedMacs: plannedMacs(context, method, settings), perform };
}

function peerRun(context: PlanContext, peer: PyTorchPeer, seed: number): PlannedRun {
  const { files, data } = context;
  const settings = pyTorchSettings(settingsOf(context, 'uniform-slimmable'), peer, data);
  const perform = pyTorchRun(peer, { seed, settings, files, data });
  const method = 'pytorch-usnet';
  return { method, seed, settings, plannedMacs: plannedMacs(context, method, settings), perform };
}

/** As if every ratio's budget were met exactly. */
function plannedMacs(
  { scale, data }: PlanContext,
  method: AccuracyMethod,
  { options }: Pick<OwnRunSettings, 'options'>,
): number {
  const { macs } = costOf(resNet({ ...scale.network, input: data.input, classes: data.classes }));
  const kept = scale.ratios.map((ratio) => (1 - ratio) * macs);
  return trainingMacsOf(method, kept, { trainImages: scale.trainImages, options });
}
