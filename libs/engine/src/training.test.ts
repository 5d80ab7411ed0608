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
  relu,
  sgdMomentum,
  sizeOf,
  sliceLeading,
  type Graph,
  type Shape,
  type Tensor,
  type Value,
} from '#graph';
import { createExecutor, type ExecutorName } from './index.js';

const BATCH = 4;
const PARAMETERS: Readonly<Record<string, Shape>> = {
  'stem.weight': [6, 1, 3, 3],
  'down.weight': [6, 6, 3, 3],
  'shortcut.weight': [6, 6, 1, 1],
  scale: [6],
  shift: [6],
  'classifier.weight': [6, 3],
  'classifier.bias': [3],
};

/** A residual block of stride 2 at two widths that share their weights, trained together: all that training uses. */
function trainingGraph(): Graph {
  const builder = new GraphBuilder();
  const images = builder.input('images', [BATCH, 1, 9, 7]);
  const labels = builder.input('labels', [BATCH, 3]);
  const learningRate = builder.input('learningRate', []);
  const state = (name: string) => builder.state(name, PARAMETERS[name]!);
  const parameters = Object.fromEntries(Object.keys(PARAMETERS).map((name) => [name, state(name)]));
  const lossAt = (width: number): Value => {
    const part = (name: string, ...sizes: number[]) => sliceLeading(parameters[name]!, sizes);
    const normalised = (x: Value) =>
      batchNormTraining(x, part('scale', width), part('shift', width), BN_EPSILON).output;
    const stem = relu(
      normalised(conv2d(images, part('stem.weight', width, 1, 3, 3), { stride: 1, padding: 1 })),
    );
    const down = conv2d(stem, part('down.weight', width, width, 3, 3), { stride: 2, padding: 1 });
    const shortcut = conv2d(stem, part('shortcut.weight', width, width, 1, 1), { stride: 2, padding: 0 });
    const block = relu(add(normalised(down), shortcut));
    const logits = dense(
      globalAveragePool(block),
      part('classifier.weight', width, 3),
      parameters['classifier.bias']!,
    );
    return crossEntropy(logits, labels, { labelSmoothing: 0.05 });
  };
  const loss = add(lossAt(6), lossAt(4));
  const all = Object.entries(parameters);
  const steps = gradients(
    loss,
    all.map(([, parameter]) => parameter),
  );
  for (const [i, [name, parameter]] of all.entries()) {
    const velocity = builder.state(`${name}.velocity`, parameter.shape);
    sgdMomentum({ parameter, gradient: steps[i]!, velocity, learningRate, momentum: 0.9, weightDecay: 1e-3 });
  }
  builder.output('loss', loss);
  return builder.build();
}

function random(shape: Shape, seed: number): Tensor {
  let value = seed;
  const next = () => {
    value = (Math.imul(value, 1664525) + 1013904223) >>> 0;
    return value / 2 ** 31 - 1;
  };
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, next) };
}

async function train(name: ExecutorName, steps: number) {
  const executor = await createExecutor(name, { threads: 2 });
  const graph = trainingGraph();
  const program = await executor.compile(graph);
  const states = graph.states.map(({ name: state, shape }, i): [string, Tensor] => {
    if (!state.endsWith('.velocity')) return [state, random(shape, i + 1)];
    return [state, { shape, data: new Float32Array(sizeOf(shape)) }];
  });
  await program.setState(Object.fromEntries(states));
  const labels = new Float32Array(BATCH * 3).map((_, i) => Number(i % 3 === Math.floor(i / 3) % 3));
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { loss } = await program.run({
      images: random([BATCH, 1, 9, 7], 100 + (step % 2)),
      labels: { shape: [BATCH, 3], data: labels },
      learningRate: { shape: [], data: Float32Array.of(0.05) },
    });
    losses.push(loss!.data[0]!);
  }
  const state = await program.getState();
  await program.dispose();
  return { losses, state };
}

test('five steps of SGD on onnxruntime follow the reference', async () => {
  const [actual, expected] = [await train('onnxruntime', 5), await train('reference', 5)];
  for (const [i, loss] of expected.losses.entries()) expect(actual.losses[i]).toBeCloseTo(loss, 4);
  for (const [name, { data }] of Object.entries(expected.state)) {
    const scale = Math.max(...Array.from(data, Math.abs));
    const worst = Math.max(...Array.from(data, (value, i) => Math.abs(value - actual.state[name]!.data[i]!)));
    expect({ name, close: worst <= 1e-4 * scale }).toEqual({ name, close: true });
  }
});

test('training lowers the loss', async () => {
  const { losses } = await train('onnxruntime', 30);
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
});

test.each<ExecutorName>(['onnxruntime', 'reference'])('%s repeats a training bit for bit', async (name) => {
  expect(await train(name, 5)).toEqual(await train(name, 5));
});
