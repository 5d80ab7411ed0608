import type { Tensor } from '#graph';
import type { Network } from '#network';
import type { Executor } from '#engine';
import { learningRateFactor } from './learning-rate.js';
import type { ProgressMeter } from './progress-meter.js';
import type { Batch, TrainingData } from './training-data.js';
import { TrainingDivergedError } from './training-diverged-error.js';
import { imageTensor, oneHotTensor, scalarTensor } from './training-inputs.js';
import type { TrainFamilyOptions, TrainingPhase } from './training-options.js';

/** What all phases of one training share. */
export interface RunContext {
  readonly network: Network;
  readonly ratios: readonly number[];
  readonly data: TrainingData;
  readonly options: TrainFamilyOptions;
  readonly executor: Executor;
  readonly signal?: AbortSignal | undefined;
  readonly meter: ProgressMeter;
}

interface RatioLoss {
  readonly ratio: number;
  readonly loss: number;
}

/** Runs one step on a batch; `rateFactor` is the schedule's factor of every peak rate, `step` counts from 0 in the phase. */
export type Step = (feeds: Record<string, Tensor>, rateFactor: number, step: number) => Promise<RatioLoss[]>;

/** Counts epochs and steps over all training phases, so that one schedule spans them. */
export class TrainingRun {
  #epochsBegun = 0;
  #stepsTaken = 0;
  readonly #stepsPerEpoch: number;
  readonly #steps: number;

  constructor(readonly context: RunContext) {
    const { warmupEpochs, maskEpochs, jointEpochs, batchSize } = context.options;
    this.#stepsPerEpoch = Math.floor(context.data.trainCount / batchSize);
    this.#steps = this.#stepsPerEpoch * (warmupEpochs + maskEpochs + jointEpochs);
  }

  /**
   * Feeds the phase's epochs to `runStep`, watching for an abort, a diverged loss and the data's promises.
   * @throws TrainingDivergedError; the signal's reason; RangeError when an epoch has too few or too small batches.
   */
  async epochs(phase: TrainingPhase, epochs: number, runStep: Step): Promise<void> {
    const { data, meter, signal } = this.context;
    const steps = epochs * this.#stepsPerEpoch;
    let step = 0;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      for (const batch of data.trainBatches(this.#epochsBegun++)) {
        signal?.throwIfAborted();
        const losses = await this.#take(batch, (feeds, factor) => runStep(feeds, factor, step));
        step++;
        const loss = losses.reduce((sum, each) => sum + each.loss, 0) / losses.length;
        meter.report(phase, { epoch, epochs, step, steps, loss });
      }
      if (step !== epoch * this.#stepsPerEpoch) {
        throw new RangeError(`epoch ${epoch} ended at step ${step}, expected ${epoch * this.#stepsPerEpoch}`);
      }
    }
  }

  /** The error that says at which step something stopped being a number. */
  diverged(ratio: number, found: string): TrainingDivergedError {
    return new TrainingDivergedError(this.#stepsTaken, ratio, found);
  }

  async #take(
    batch: Batch,
    runStep: (feeds: Record<string, Tensor>, rateFactor: number) => Promise<RatioLoss[]>,
  ): Promise<RatioLoss[]> {
    const { network, options } = this.context;
    if (batch.labels.length !== options.batchSize) {
      throw new RangeError(`training batch of ${batch.labels.length} images, expected ${options.batchSize}`);
    }
    const factor = learningRateFactor(this.#stepsTaken++, this.#steps);
    const feeds = {
      images: imageTensor(network, batch),
      labels: oneHotTensor(network, batch.labels),
      learningRate: scalarTensor(options.learningRate * factor),
    };
    const losses = await runStep(feeds, factor);
    const infinite = losses.find(({ loss }) => !Number.isFinite(loss));
    if (infinite) throw this.diverged(infinite.ratio, `the loss is ${infinite.loss}`);
    return losses;
  }
}
