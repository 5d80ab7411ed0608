import type { Graph, Tensor } from '#graph';
import type { Network } from '#network';
import type { Executor, NotFiniteError, Program } from '#engine';
import type { Fingerprint, SolvedRatio, TrainingCheckpoint } from './checkpoint.js';
import {
  evaluateUnfinished,
  isEvaluationDue,
  type EpochEvaluation,
  type UnfinishedSubnet,
} from './epoch-evaluation.js';
import type { Family } from './family.js';
import type { ProgressMeter } from './progress-meter.js';
import { withProgram } from './run-program.js';
import type { Batch, TrainingData } from './training-data.js';
import { TrainingDivergedError } from './training-diverged-error.js';
import { imageTensor, oneHotTensor, scalarTensor } from './training-inputs.js';
import type { TrainFamilyOptions, TrainFamilyProgress, TrainingPhase } from './training-options.js';
import { TrainingPlan, type SteppedPhase } from './training-plan.js';

type Tensors = Readonly<Record<string, Tensor>>;

/** What all phases of one training share. */
export interface RunContext {
  readonly network: Network;
  readonly ratios: readonly number[];
  readonly warmStart?: Family | undefined;
  readonly data: TrainingData;
  readonly options: TrainFamilyOptions;
  readonly executor: Executor;
  readonly signal?: AbortSignal | undefined;
  readonly meter: ProgressMeter;
  readonly fingerprint: Fingerprint;
  readonly evaluation?: EpochEvaluation | undefined;
  readonly onEvaluated?: ((position: TrainFamilyProgress, accuracies: readonly number[]) => void) | undefined;
  /** Of this very training. */
  readonly resumeFrom?: TrainingCheckpoint | undefined;
  readonly isCheckpointDue: (position: TrainFamilyProgress, endsEpoch: boolean) => boolean;
  readonly onCheckpoint?: ((checkpoint: TrainingCheckpoint) => void | Promise<void>) | undefined;
}

interface RatioLoss {
  readonly ratio: number;
  readonly loss: number;
}

/** Runs one step on a batch; `rateFactor` is the schedule's factor of every peak rate, `step` counts from 0 in the phase. */
type Step = (feeds: Record<string, Tensor>, rateFactor: number, step: number) => Promise<RatioLoss[]>;

type CheckpointContent = Pick<TrainingCheckpoint, 'tensors' | 'solutions'>;

/** What a checkpoint holds beside the state of the program that is trained. */
export interface FrozenParts {
  readonly tensors: Tensors;
  readonly solutions: readonly SolvedRatio[];
}

/** One phase that trains a program. */
export interface TrainedPhase {
  readonly phase: SteppedPhase;
  readonly graph: Graph;
  /** The state that the phase begins with; not asked for where a checkpoint of the phase has it. */
  readonly begin: () => Tensors | Promise<Tensors>;
  /** Makes the phase's step, for a program in the given state. */
  readonly stepOf: (program: Program, state: Tensors) => Step;
  /** What is evaluated between epochs. */
  readonly subnetsOf: (state: Tensors) => readonly UnfinishedSubnet[];
  readonly frozen?: FrozenParts;
}

/** Runs the phases of one training, from its beginning or from a checkpoint. */
export class TrainingRun {
  readonly #plan: TrainingPlan;
  #stepsTaken = 0;

  constructor(readonly context: RunContext) {
    this.#plan = new TrainingPlan(context.options, context.data.trainCount);
  }

  /** The checkpoint to resume from, where it is one of this phase. */
  checkpointOf(phase: TrainingPhase): TrainingCheckpoint | undefined {
    const { resumeFrom } = this.context;
    return resumeFrom?.position.phase === phase ? resumeFrom : undefined;
  }

  /**
   * Trains one phase's program and gives its state, watching for an abort, a diverged loss or state and the data's promises.
   * @throws TrainingDivergedError; the signal's reason; RangeError when an epoch has too few or too small batches.
   */
  async train(trained: TrainedPhase): Promise<Record<string, Tensor>> {
    const { graph, phase } = trained;
    const resumed = this.checkpointOf(phase);
    const state = resumed ? stateIn(resumed, graph) : await trained.begin();
    return withProgram(this.context.executor, graph, async (program) => {
      await program.setState(state);
      await this.#epochs(trained, program, trained.stepOf(program, state), resumed?.position.step ?? 0);
      return this.#stateOf(program);
    });
  }

  /** Hands out a checkpoint if one is due. */
  async checkpoint(
    position: TrainFamilyProgress,
    endsEpoch: boolean,
    content: () => CheckpointContent | Promise<CheckpointContent>,
  ): Promise<void> {
    const { onCheckpoint, isCheckpointDue, fingerprint } = this.context;
    if (onCheckpoint === undefined || !isCheckpointDue(position, endsEpoch)) return;
    await onCheckpoint({ fingerprint, position, ...(await content()) });
  }

  /** The error that says at which step something stopped being a number; the ratio where that is known. */
  diverged(ratio: number | undefined, found: string): TrainingDivergedError {
    return new TrainingDivergedError(this.#stepsTaken, ratio, found);
  }

  async #epochs(
    { phase, frozen, subnetsOf }: TrainedPhase,
    program: Program,
    runStep: Step,
    done: number,
  ): Promise<void> {
    const { data, meter } = this.context;
    const { stepsPerEpoch } = this.#plan;
    const { before, count: epochs } = this.#plan.epochsOf(phase);
    const steps = epochs * stepsPerEpoch;
    const content = async () => checkpointContent(await this.#stateOf(program), frozen);
    this.#stepsTaken = before * stepsPerEpoch + done;
    let step = done;
    for (let epoch = Math.floor(step / stepsPerEpoch); epoch < epochs; epoch++) {
      const fromStep = step - epoch * stepsPerEpoch;
      for await (const batch of data.trainBatches(before + epoch, { fromStep })) {
        const loss = await this.#take(batch, runStep, step++);
        const position = meter.report(phase, { epoch: epoch + 1, epochs, step, steps, loss });
        await this.#evaluate(position, async () => subnetsOf(await this.#stateOf(program)));
        await this.checkpoint(position, step % stepsPerEpoch === 0, content);
      }
      const end = (epoch + 1) * stepsPerEpoch;
      if (step !== end) throw new RangeError(`epoch ${epoch + 1} ended at step ${step}, expected ${end}`);
    }
  }

  /** Tells accuracies where they are due. */
  async #evaluate(
    position: TrainFamilyProgress,
    subnets: () => Promise<readonly UnfinishedSubnet[]>,
  ): Promise<void> {
    const { evaluation, onEvaluated } = this.context;
    if (!evaluation || !onEvaluated || !isEvaluationDue(this.context, position)) return;
    onEvaluated(position, await evaluateUnfinished(await subnets(), evaluation.images, this.context));
  }

  /** One step on a batch; gives the mean loss. */
  async #take(batch: Batch, runStep: Step, step: number): Promise<number> {
    const { network, options, signal } = this.context;
    signal?.throwIfAborted();
    if (batch.labels.length !== options.batchSize) {
      throw new RangeError(`training batch of ${batch.labels.length} images, expected ${options.batchSize}`);
    }
    const factor = this.#plan.rateFactor(this.#stepsTaken++);
    const feeds = {
      images: imageTensor(network, batch),
      labels: oneHotTensor(network, batch.labels),
      learningRate: scalarTensor(options.learningRate * factor),
    };
    const losses = await runStep(feeds, factor, step).catch((error: unknown) => this.#rethrow(error));
    const infinite = losses.find(({ loss }) => !Number.isFinite(loss));
    if (infinite) throw this.diverged(infinite.ratio, `the loss is ${infinite.loss}`);
    return losses.reduce((sum, { loss }) => sum + loss, 0) / losses.length;
  }

  /** A loss is of the weights before its step: what the step made of them shows here. */
  async #stateOf(program: Program): Promise<Record<string, Tensor>> {
    const state = await program.getState();
    for (const [name, { data }] of Object.entries(state)) {
      const found = data.find((value) => !Number.isFinite(value));
      if (found !== undefined) throw this.diverged(undefined, `"${name}" has the value ${found}`);
    }
    return state;
  }

  /** Some engines find themselves that a step ended in no number, and know nothing of ratios. */
  #rethrow(error: unknown): never {
    if (!isNotFinite(error)) throw error;
    throw new TrainingDivergedError(this.#stepsTaken, undefined, error.message, { cause: error });
  }
}

const NOT_FINITE: NotFiniteError['name'] = 'NotFiniteError';
const isNotFinite = (error: unknown): error is NotFiniteError =>
  error instanceof Error && error.name === NOT_FINITE;

/** The program's own part of a checkpoint's tensors. */
const stateIn = ({ tensors }: TrainingCheckpoint, { states }: Graph): Tensors =>
  Object.fromEntries(states.map(({ name }) => [name, tensors[name]!]));

const checkpointContent = (state: Tensors, frozen: FrozenParts | undefined): CheckpointContent =>
  frozen === undefined
    ? { tensors: state }
    : { tensors: { ...state, ...frozen.tensors }, solutions: frozen.solutions };
