import {
  BN_EPSILON,
  GraphBuilder,
  add,
  batchNormTraining,
  conv2d,
  crossEntropy,
  dense,
  globalAveragePool,
  gradients,
  maxPool,
  relu,
  sgdMomentum,
  sizeOf,
  type Graph,
  type Shape,
  type Tensor,
  type Value,
} from '#graph';
import type { Executor } from '#engine';

const BATCH = 8;
const CHANNELS = 8;
const CLASSES = 4;
const IMAGES: Shape = [BATCH, 3, 12, 12];
const LABELS: Shape = [BATCH, CLASSES];

/** Two residual blocks of 8 channels, the second depthwise and of stride 2, with BatchNorm, max pooling and SGD. */
function stepGraph(): Graph {
  const builder = new GraphBuilder();
  const images = builder.input('images', IMAGES);
  const labels = builder.input('labels', LABELS);
  const learningRate = builder.input('learningRate', []);
  const parameters: Value[] = [];
  const parameter = (name: string, ...shape: number[]): Value => {
    const value = builder.state(name, shape);
    parameters.push(value);
    return value;
  };
  const convBn = (
    name: string,
    x: Value,
    filters: number[],
    options: { stride?: number; padding: number; groups?: number },
  ) => {
    const output = conv2d(x, parameter(`${name}.weight`, ...filters), { stride: 1, ...options });
    const [scale, shift] = [parameter(`${name}.scale`, CHANNELS), parameter(`${name}.shift`, CHANNELS)];
    return batchNormTraining(output, scale, shift, BN_EPSILON).output;
  };
  const stem = relu(convBn('stem', images, [CHANNELS, 3, 3, 3], { padding: 1 }));
  const pooled = maxPool(stem, { kernel: 3, stride: 2, padding: 1 });
  const first = relu(add(convBn('first', pooled, [CHANNELS, CHANNELS, 3, 3], { padding: 1 }), pooled));
  const main = convBn('second', first, [CHANNELS, 1, 3, 3], { stride: 2, padding: 1, groups: CHANNELS });
  const shortcut = convBn('shortcut', first, [CHANNELS, CHANNELS, 1, 1], { stride: 2, padding: 0 });
  const features = globalAveragePool(relu(add(main, shortcut)));
  const logits = dense(features, parameter('classifier', CHANNELS, CLASSES), parameter('bias', CLASSES));
  const loss = crossEntropy(logits, labels, { labelSmoothing: 0.05 });
  for (const [i, gradient] of gradients(loss, parameters).entries()) {
    const velocity = builder.state(`velocity${i}`, parameters[i]!.shape);
    const of = { parameter: parameters[i]!, gradient, velocity, learningRate };
    sgdMomentum({ ...of, momentum: 0.9, weightDecay: 1e-3 });
  }
  builder.output('loss', loss);
  return builder.build();
}

/** Losses of training steps over two batches of noise in turn, from a start that is the same for every executor. */
export async function trainTwoBlockNet(executor: Executor, steps: number): Promise<number[]> {
  const graph = stepGraph();
  const program = await executor.compile(graph);
  const initial = graph.states.map(({ name, shape }, i): [string, Tensor] => [
    name,
    initialValue(name, shape, i),
  ]);
  await program.setState(Object.fromEntries(initial));
  const labels = new Float32Array(sizeOf(LABELS)).map((_, i) =>
    Number(i % CLASSES === Math.floor(i / CLASSES) % CLASSES),
  );
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { loss } = await program.run({
      images: noise(IMAGES, 100 + (step % 2)),
      labels: { shape: LABELS, data: labels },
      learningRate: { shape: [], data: Float32Array.of(0.05) },
    });
    losses.push(loss!.data[0]!);
  }
  await program.dispose();
  return losses;
}

function initialValue(name: string, shape: Shape, seed: number): Tensor {
  if (name.endsWith('.scale')) return { shape, data: new Float32Array(sizeOf(shape)).fill(1) };
  if (name.startsWith('velocity') || name.endsWith('.shift'))
    return { shape, data: new Float32Array(sizeOf(shape)) };
  const { data } = noise(shape, seed + 1);
  return { shape, data: data.map((value) => value / 2) };
}

function noise(shape: Shape, seed: number): Tensor {
  let state = seed * 7919;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, next) };
}
