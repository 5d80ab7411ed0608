import { randomFillSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  cifarPaths,
  createThreadedTrainingData,
  createTrainingData,
  loadDataset,
  type ImageDataset,
} from '#datasets';
import { createExecutor } from '#engine';
import { resNet, type ImageShape } from '#network';
import { trainFamily, type Batch, type TrainingData } from '#pruning';
import type { BenchOptions, BenchResult, BenchRow, Benchmark } from './benchmark.js';
import { GOALS } from './goals.js';
import { median } from './median.js';

const BATCH = 64;
/** CIFAR-10's own sizes: random access to so many images does not stay within a processor's caches. */
const FILES = 5;
const RECORDS = 10_000;
const RECORD_BYTES = 3073;
const STEPS_PER_TURN = 10;

/** Where batches come from: one that is there already, from the thread that is ahead, or made between two steps. */
const SOURCES = ['preloaded', 'ahead', 'in-place'] as const;
type Source = (typeof SOURCES)[number];

interface Work {
  readonly dataset: ImageDataset;
  readonly stepsPerTurn: number;
  readonly rounds: number;
  readonly depth: number;
}

/** Files of CIFAR-10's format with noise in them: what is in images does not change how long a step takes. */
async function writeNoise(folder: string, records: number): Promise<void> {
  const names = Array.from({ length: FILES }, (_, i) => `data_batch_${i + 1}.bin`);
  for (const name of [...names, 'test_batch.bin']) {
    const content = randomFillSync(Buffer.alloc(records * RECORD_BYTES));
    for (let i = 0; i < records; i++) content[i * RECORD_BYTES] = i % 10;
    await writeFile(path.join(folder, name), content);
  }
}

async function loadNoise(records: number): Promise<ImageDataset> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'isochron-data-path-'));
  try {
    await writeNoise(folder, records);
    return await loadDataset({ format: 'cifar-10', paths: await cifarPaths(folder, 'cifar-10') });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Turns of a few steps, in which each source has the same load from other programs as its neighbours. */
async function* inTurns(
  { rounds, stepsPerTurn }: Work,
  sources: Record<Source, AsyncIterator<Batch> | Iterator<Batch>>,
): AsyncGenerator<Batch> {
  // The first round is a warm-up: a session's first runs allocate its memory.
  for (let round = 0; round <= rounds; round++) {
    for (const source of SOURCES) {
      for (let step = 0; step < stepsPerTurn; step++) yield (await sources[source].next()).value as Batch;
    }
  }
}

function* forever<T>(value: T): Generator<T> {
  for (;;) yield value;
}

/** Milliseconds of each turn, by source. */
async function turnsMs(work: Work): Promise<{ turns: Record<Source, number[]>; detail: object }> {
  const { dataset, rounds, stepsPerTurn, depth } = work;
  const options = {
    batchSize: BATCH,
    seed: 1,
    recalibrationBatches: 1,
    augmentation: { crop: 4, flip: true },
  };
  const [ahead, inPlace] = [
    createThreadedTrainingData(dataset, options),
    createTrainingData(dataset, options),
  ];
  const [first] = inPlace.trainBatches(1);
  const steps = (rounds + 1) * SOURCES.length * stepsPerTurn;
  const data: TrainingData = {
    ...inPlace,
    trainCount: steps * BATCH,
    trainBatches: () =>
      inTurns(work, {
        preloaded: forever(first!),
        ahead: ahead.trainBatches(0)[Symbol.asyncIterator](),
        'in-place': inPlace.trainBatches(0)[Symbol.iterator](),
      }),
  };
  const ends: number[] = [];
  const detail = await trainWarmUp(data, dataset.input, depth, () => ends.push(performance.now()));
  await ahead.close();
  const turns: Record<Source, number[]> = { preloaded: [], ahead: [], 'in-place': [] };
  for (let turn = SOURCES.length; turn < (rounds + 1) * SOURCES.length; turn++) {
    const end = (turn + 1) * stepsPerTurn - 1;
    turns[SOURCES[turn % SOURCES.length]!].push(ends[end]! - ends[end - stepsPerTurn]!);
  }
  return { turns, detail };
}

/** Trains the dense network for one epoch, and leaves before the phases that follow. */
async function trainWarmUp(
  data: TrainingData,
  input: ImageShape,
  depth: number,
  onStep: () => void,
): Promise<object> {
  const executor = await createExecutor('onnxruntime');
  const over = new AbortController();
  const enough = new Error('the warm-up is over');
  const training = trainFamily({
    network: resNet({ depth, input, classes: data.classes }),
    ratios: [0],
    ...{ data, executor, signal: over.signal },
    onProgress: ({ phase, step, steps }) => {
      if (phase === 'warm-up') onStep();
      if (step === steps) over.abort(enough);
    },
    options: {
      ...{ warmupEpochs: 1, maskEpochs: 1, jointEpochs: 1, batchSize: BATCH },
      ...{ learningRate: 1e-4, momentum: 0.9, weightDecay: 5e-4, maskLearningRate: 1e-4 },
      ...{ distillationWeight: 0.5, minChannels: 2, channelMultiple: 1, recalibrationBatches: 1, seed: 1 },
    },
  });
  await training.catch((error: unknown) => {
    if (error !== enough) throw error;
  });
  return {
    network: `resnet${depth}`,
    input: [BATCH, input.channels, input.height, input.width],
    ...executor.info,
  };
}

async function run(say: (text: string) => void, { rounds, quick }: BenchOptions): Promise<BenchResult> {
  say(`writing and reading ${FILES + 1} files of CIFAR-10's format`);
  const dataset = await loadNoise(quick ? 200 : RECORDS);
  const depth = quick ? 8 : 20;
  const stepsPerTurn = quick ? 2 : STEPS_PER_TURN;
  say(
    `${rounds} rounds of ${stepsPerTurn} steps of ResNet-${depth} on batches ${SOURCES.join(', ')}; crop and flip`,
  );
  const { turns, detail } = await turnsMs({ dataset, depth, rounds, stepsPerTurn });
  const about = { ...detail, stepsPerTurn, trainImages: dataset.trainImages, turnsMs: turns };
  const share = (source: Source) => median(turns[source].map((ms, i) => turns.preloaded[i]! / ms));
  const rows: BenchRow[] = SOURCES.map((source) => ({
    name: `data_path_images_per_second_${source.replace('-', '_')}`,
    value: (BATCH * stepsPerTurn * 1000) / median(turns[source]),
    unit: 'images/s',
    detail: about,
  }));
  return {
    rows: [
      ...rows,
      {
        name: 'data_path_share',
        value: share('ahead'),
        unit: 'x',
        goal: GOALS.data_path_share,
        detail: about,
      },
      { name: 'data_path_share_in_place', value: share('in-place'), unit: 'x', detail: about },
    ],
  };
}

export const dataPath: Benchmark = {
  summary:
    'images/s of training on real batches, augmented, over images/s on one batch that is there already',
  run,
};
