import {
  GraphBuilder,
  add,
  batchNormTraining,
  broadcastTo,
  conv2d,
  gradients,
  maxPool,
  mul,
  reduceMean,
  relu,
  sgdMomentum,
  sizeOf,
  type Graph,
  type Shape,
  type Tensor,
} from '#graph';
import * as tf from '@tensorflow/tfjs-core';
import { ExecutorError, NotFiniteError, type Executor } from '../executor.js';
import { createTfjsExecutor } from './index.js';

const THREADS = 2;
const tensor = (shape: Shape, value: (i: number) => number): Tensor => ({
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => value(i)),
});
const wave = (shape: Shape) => tensor(shape, (i) => Math.sin(i + 1));

/** A convolution with BatchNorm, ReLU and pooling, trained: images and filters with a different side each. */
function trainingGraph(): Graph {
  const builder = new GraphBuilder();
  const images = builder.input('images', [2, 3, 6, 4]);
  const filters = builder.state('filters', [5, 3, 3, 3]);
  const velocity = builder.state('velocity', [5, 3, 3, 3]);
  const [scale, shift] = [builder.state('scale', [5]), builder.state('shift', [5])];
  const convolved = conv2d(images, filters, { stride: 1, padding: 1 });
  const activated = relu(batchNormTraining(convolved, scale, shift).output);
  const loss = reduceMean(maxPool(mul(activated, activated), { kernel: 2, stride: 2 }), [0, 1, 2, 3]);
  const [gradient] = gradients(loss, [filters]);
  const learningRate = builder.scalar(0.1);
  sgdMomentum({
    parameter: filters,
    gradient: gradient!,
    velocity,
    learningRate,
    momentum: 0.9,
    weightDecay: 0,
  });
  builder.output('loss', loss);
  builder.output('activated', activated);
  return builder.build();
}

const initial = () => ({
  filters: wave([5, 3, 3, 3]),
  velocity: tensor([5, 3, 3, 3], () => 0),
  scale: tensor([5], () => 1),
  shift: tensor([5], (i) => i / 10),
});

describe.each(['cpu', 'wasm'])('a program on tfjs %s', (provider) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createTfjsExecutor({ provider, threads: THREADS });
  });
  const prepared = async () => {
    const program = await executor.compile(trainingGraph());
    await program.setState(initial());
    return program;
  };

  test('leaves nothing in memory: neither a run nor, after its disposal, the program', async () => {
    const empty = tf.memory().numTensors;
    const program = await prepared();
    const compiled = tf.memory();
    for (let run = 0; run < 3; run++) await program.run({ images: wave([2, 3, 6, 4]) });
    await program.getState();
    expect(tf.memory()).toMatchObject({ numTensors: compiled.numTensors, numBytes: compiled.numBytes });
    await program.dispose();
    expect(tf.memory().numTensors).toBe(empty);
  });

  test('leaves nothing in memory when a run fails', async () => {
    const builder = new GraphBuilder();
    const x = builder.input('x', [1]);
    builder.output('huge', broadcastTo(add(x, x), [2 ** 26, 2 ** 26]));
    const program = await executor.compile(builder.build());
    const before = tf.memory().numTensors;
    const failing = program.run({ x: wave([1]) });
    await expect(failing).rejects.toThrow(ExecutorError);
    await expect(failing).rejects.toThrow(`tfjs ${provider}: broadcastTo of [1] failed`);
    expect(tf.memory().numTensors).toBe(before);
    await program.dispose();
  });

  test('gives back the state that it was given, filters included', async () => {
    const program = await prepared();
    expect(await program.getState()).toEqual(initial());
    await program.dispose();
  });

  test('keeps its state apart from the arrays that it was given and gave', async () => {
    const program = await prepared();
    const given = initial();
    await program.setState(given);
    given.filters.data.fill(0);
    (await program.getState()).filters!.data.fill(0);
    expect((await program.getState()).filters).toEqual(initial().filters);
    await program.dispose();
  });

  test('repeats a training bit for bit', async () => {
    const train = async () => {
      const program = await prepared();
      for (let run = 0; run < 3; run++) await program.run({ images: wave([2, 3, 6, 4]) });
      const state = await program.getState();
      await program.dispose();
      return state;
    };
    expect(await train()).toEqual(await train());
  });

  test('shows a NaN of its feeds in its outputs', async () => {
    const program = await prepared();
    const { loss } = await program.run({ images: tensor([2, 3, 6, 4], (i) => (i === 7 ? NaN : 1)) });
    expect(Number.isFinite(loss!.data[0])).toBe(false);
    await program.dispose();
  });

  test('does not go on with a state that is no number, whatever its outputs say', async () => {
    const program = await prepared();
    await program.setState({ scale: tensor([5], () => NaN) });
    const { loss } = await program.run({ images: wave([2, 3, 6, 4]) }).catch((error: unknown) => {
      expect(error).toBeInstanceOf(NotFiniteError);
      expect((error as Error).message).toContain('"filters" has a NaN or an infinity in it');
      return { loss: undefined };
    });
    if (loss) expect(Number.isFinite(loss.data[0])).toBe(false);
    await program.dispose();
  });

  test('refuses to run once it is disposed', async () => {
    const program = await prepared();
    await program.dispose();
    await expect(program.run({ images: wave([2, 3, 6, 4]) })).rejects.toThrow('the program is disposed');
  });
});

test('programs on several backends take turns in one process', async () => {
  const executors = await Promise.all(
    ['cpu', 'wasm'].map((provider) => createTfjsExecutor({ provider, threads: THREADS })),
  );
  const programs = await Promise.all(executors.map((executor) => executor.compile(trainingGraph())));
  const losses: number[][] = [];
  for (let run = 0; run < 3; run++) {
    losses.push([]);
    for (const program of programs) {
      if (run === 0) await program.setState(initial());
      losses[run]!.push((await program.run({ images: wave([2, 3, 6, 4]) })).loss!.data[0]!);
    }
  }
  for (const [cpu, wasm] of losses) expect(wasm).toBeCloseTo(cpu!, 5);
  await Promise.all(programs.map((program) => program.dispose()));
});

test('another number of wasm threads is refused with both numbers', async () => {
  await createTfjsExecutor({ provider: 'wasm', threads: THREADS });
  await expect(createTfjsExecutor({ provider: 'wasm', threads: 3 })).rejects.toThrow(
    'tfjs wasm runs with threads: 2 in this process, with threads: 3 it can in another one',
  );
});
