import { defaultRiseSteps, learningRateFactor } from './learning-rate.js';
import { phaseEpochs } from './phase-epochs.js';
import type { TrainFamilyOptions, TrainingPhase } from './training-options.js';

/** Phases in which steps are steps of training. */
export type SteppedPhase = Extract<TrainingPhase, 'warm-up' | 'mask' | 'joint'>;

/** Where every phase lies among all epochs and steps of a training; one learning rate schedule spans them. */
export class TrainingPlan {
  readonly stepsPerEpoch: number;
  readonly #epochs: ReadonlyMap<SteppedPhase, { before: number; count: number }>;
  readonly #steps: number;
  readonly #riseSteps: number;

  constructor(options: TrainFamilyOptions, trainCount: number) {
    this.stepsPerEpoch = Math.floor(trainCount / options.batchSize);
    const { learningRateWarmupEpochs: rise } = options;
    const { 'warm-up': warmUp, mask, joint } = phaseEpochs(options);
    this.#epochs = new Map([
      ['warm-up', { before: 0, count: warmUp }],
      ['mask', { before: warmUp, count: mask }],
      ['joint', { before: warmUp + mask, count: joint }],
    ]);
    this.#steps = this.stepsPerEpoch * (warmUp + mask + joint);
    this.#riseSteps =
      rise === undefined ? defaultRiseSteps(this.#steps) : Math.round(rise * this.stepsPerEpoch);
  }

  /** Epochs of a phase, and those of the phases before it. */
  epochsOf(phase: SteppedPhase): { readonly before: number; readonly count: number } {
    return this.#epochs.get(phase)!;
  }

  /** Factor of every peak learning rate at a step (from 0) of the whole training. */
  rateFactor(step: number): number {
    return learningRateFactor(step, this.#steps, this.#riseSteps);
  }
}
