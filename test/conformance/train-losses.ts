import type { Executor } from '#engine';
import { sizeOf, type Graph, type Tensor } from '#graph';
import type { Network } from '#network';
import { denseStepGraph, initialParameters, initialScaleAndShift, randomGenerator } from '#pruning';
import type { TrainingCase } from './training-cases.js';

/** Loss of every step of a training by SGD with momentum on one batch; the start is the same on every executor. */
export async function trainLosses(executor: Executor, training: TrainingCase): Promise<number[]> {
  const { network, batchSize, steps, learningRate } = training;
  const graph = denseStepGraph(network, { batchSize, momentum: 0.9, weightDecay: 5e-4 });
  const program = await executor.compile(graph);
  try {
    await program.setState(startOf(network, graph));
    const rate = { shape: [], data: Float32Array.of(learningRate) };
    const feeds = { ...batchOf(network, batchSize), learningRate: rate };
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) losses.push((await program.run(feeds))['loss']!.data[0]!);
    return losses;
  } finally {
    await program.dispose();
  }
}

/**
 * Random weights at rest. A residual block's own part begins at a quarter: with all of it the gradients of MobileNetV2
 * grow so much towards the stem that one ReLU turned over by rounding shows in the next loss.
 */
function startOf(network: Network, graph: Graph): Record<string, Tensor> {
  const initial = { ...initialParameters(network, 1), ...initialScaleAndShift(network) };
  for (const layer of network.layers) {
    if (layer.kind === 'add') initial[`${layer.inputs[0]}.scale`]!.data.fill(0.25);
  }
  return Object.fromEntries(
    graph.states.map(({ name, shape }) => [
      name,
      initial[name] ?? { shape, data: new Float32Array(sizeOf(shape)) },
    ]),
  );
}

/** Noise with a wave of its class in every image. */
function batchOf(network: Network, batchSize: number): Record<'images' | 'labels', Tensor> {
  const { channels, height, width } = network.input;
  const size = channels * height * width;
  const random = randomGenerator(2);
  const images = new Float32Array(batchSize * size);
  const labels = new Float32Array(batchSize * network.classes);
  for (let image = 0; image < batchSize; image++) {
    const label = image % network.classes;
    labels[image * network.classes + label] = 1;
    for (let pixel = 0; pixel < size; pixel++) {
      const wave = Math.sin(((pixel % width) * (label + 1)) / width);
      images[image * size + pixel] = wave + 0.5 * random.normal();
    }
  }
  return {
    images: { shape: [batchSize, channels, height, width], data: images },
    labels: { shape: [batchSize, network.classes], data: labels },
  };
}
