import { createExecutor } from '#engine';
import { resNet } from '#network';
import { trainFamily, type TrainFamilyProgress, type TrainingData, type TrainingPhase } from '#pruning';
import type { BenchResult, BenchRow, Benchmark } from './benchmark.js';
import { median } from './median.js';

const BATCH = 64;
const STEPS = 24;
/** A session's first runs allocate its memory. */
const WARMUP_STEPS = 5;
const RATIOS = [0, 0.25, 0.5, 0.75];
const INPUT = { channels: 1, height: 28, width: 28 };
const CLASSES = 10;

/** One batch of made-up images again and again: what is in them does not change how long a step takes. */
function syntheticData(): TrainingData {
  const size = INPUT.channels * INPUT.height * INPUT.width;
  const images = Float32Array.from({ length: BATCH * size }, (_, i) => Math.sin(i));
  const labels = Uint8Array.from({ length: BATCH }, (_, i) => i % CLASSES);
  const batches = (count: number) => Array.from({ length: count }, () => ({ images, labels }));
  return {
    trainCount: BATCH * STEPS,
    testCount: BATCH,
    input: INPUT,
    classes: CLASSES,
    trainBatches: () => batches(STEPS),
    recalibrationBatches: () => batches(1),
    testBatches: () => [{ images, labels, count: BATCH }],
  };
}

/** Milliseconds from each step's report to the next one's, by phase. */
class StepClock {
  readonly #samples = new Map<TrainingPhase, number[]>();
  #last: { phase: TrainingPhase; at: number } | undefined;

  readonly note = ({ phase }: TrainFamilyProgress): void => {
    const at = performance.now();
    if (this.#last?.phase === phase) {
      this.#samples.set(phase, [...(this.#samples.get(phase) ?? []), at - this.#last.at]);
    }
    this.#last = { phase, at };
  };

  samplesMs(phase: TrainingPhase): number[] {
    return (this.#samples.get(phase) ?? []).slice(WARMUP_STEPS);
  }
}

async function run(say: (text: string) => void): Promise<BenchResult> {
  const executor = await createExecutor('onnxruntime');
  const clock = new StepClock();
  say(`${STEPS} dense, masked and joint steps of ResNet-8 on ${executor.info.threads} threads`);
  await trainFamily({
    network: resNet({ depth: 8, input: INPUT, classes: CLASSES }),
    ratios: RATIOS,
    data: syntheticData(),
    executor,
    onProgress: clock.note,
    options: {
      warmupEpochs: 1,
      maskEpochs: 1,
      jointEpochs: 1,
      batchSize: BATCH,
      learningRate: 1e-4,
      momentum: 0.9,
      weightDecay: 5e-4,
      maskLearningRate: 1e-4,
      distillationWeight: 0.5,
      minChannels: 2,
      channelMultiple: 1,
      recalibrationBatches: 1,
      seed: 1,
    },
  });
  return { rows: rowsOf(clock, { network: 'resnet8', input: [BATCH, 1, 28, 28], ...executor.info }) };
}

function rowsOf(clock: StepClock, detail: Record<string, unknown>): BenchRow[] {
  const step = (name: string, phase: TrainingPhase, more: Record<string, unknown> = {}): BenchRow => {
    const samplesMs = clock.samplesMs(phase);
    return { name, value: median(samplesMs), unit: 'ms', detail: { ...detail, ...more, samplesMs } };
  };
  const dense = step('dense-step', 'warm-up');
  const masked = step('masked-step', 'mask');
  const joint = step('joint-step', 'joint', { ratios: RATIOS });
  const keptMacs = RATIOS.reduce((sum, ratio) => sum + 1 - ratio, 0);
  return [
    dense,
    masked,
    joint,
    {
      name: 'joint-over-dense',
      value: joint.value / dense.value,
      unit: 'x',
      detail: { ratios: RATIOS, keptMacsOverDense: keptMacs, denseRunsOfAllRatios: RATIOS.length },
    },
  ];
}

export const trainingStep: Benchmark = {
  summary: 'time of a dense, a masked and a joint training step of ResNet-8 at MNIST size',
  run,
};
