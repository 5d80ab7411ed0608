import { PASSES_PER_TRAINING_STEP } from './training-macs.js';
import { phaseEpochs } from './phase-epochs.js';
import type { TrainFamilyOptions, TrainFamilyProgress, TrainingPhase } from './training-options.js';
import type { TrainingData } from './training-data.js';
import { workShares, type WorkShare } from './work-shares.js';

/** Turns steps within phases into a fraction of all work, and reports it. */
export class ProgressMeter {
  readonly #shares: ReadonlyMap<TrainingPhase, WorkShare>;
  readonly #report: (progress: TrainFamilyProgress) => void;

  constructor(work: ReadonlyMap<TrainingPhase, number>, report: (progress: TrainFamilyProgress) => void) {
    this.#shares = workShares(work);
    this.#report = report;
  }

  report(
    phase: TrainingPhase,
    progress: Omit<TrainFamilyProgress, 'phase' | 'fraction'>,
  ): TrainFamilyProgress {
    const { begin, share } = this.#shares.get(phase)!;
    const fraction = roundedFraction(begin + share * (progress.step / progress.steps));
    const report = { phase, ...progress, fraction };
    this.#report(report);
    return report;
  }
}

/** To a millionth: what sums and products of shares leave behind that is noise, and may lie above 1. */
export function roundedFraction(fraction: number): number {
  return Math.min(1, Math.round(fraction * 1e6) / 1e6);
}

/** Work of every phase in forward passes of the dense network over one image; a ratio's subnet costs 1 - ratio of one. */
export function plannedWork(
  ratios: readonly number[],
  data: TrainingData,
  options: TrainFamilyOptions,
): Map<TrainingPhase, number> {
  const family = ratios.reduce((sum, ratio) => sum + 1 - ratio, 0);
  const epochs = phaseEpochs(options);
  const epoch = data.trainCount * PASSES_PER_TRAINING_STEP;
  return new Map<TrainingPhase, number>([
    ['warm-up', epochs['warm-up'] * epoch],
    ['mask', epochs.mask * epoch],
    ['joint', epochs.joint * epoch * family],
    ['recalibrate', options.recalibrationBatches * options.batchSize * family],
    ['evaluate', data.testCount * family],
  ]);
}
