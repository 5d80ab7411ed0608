import fc from 'fast-check';
import {
  GraphBuilder,
  add,
  averagePool,
  batchNormTraining,
  channelAffine,
  conv2d,
  globalAveragePool,
  gradients,
  maxPool,
  mul,
  reduceMean,
  relu,
  relu6,
  reshape,
  sliceLeading,
  type Graph,
  type Value,
} from '#graph';
import { createExecutor } from '../create-executor.js';
import type { Executor } from '../executor.js';
import { evaluate } from '../reference/evaluate.js';
import { channelBlock } from './channel-block.js';

/** Of a tensor's largest value; more than an op's alone, since rounding adds up over the network. */
const TOLERANCE = 5e-4;

/** A small network of everything that stands in blocked images, of any width, so that blocks are filled up or shared. */
interface Sample {
  readonly batch: number;
  readonly side: number;
  readonly inputChannels: number;
  readonly width: number;
  readonly inner: number;
  readonly kernel: number;
  readonly stride: number;
  readonly ending: 'relu' | 'relu6' | 'maxPool' | 'averagePool' | 'depthwise' | 'mask';
}

const samples: fc.Arbitrary<Sample> = fc.record({
  batch: fc.constantFrom(1, 2, 4, 6),
  side: fc.constantFrom(4, 5, 7, 8, 16),
  inputChannels: fc.constantFrom(1, 2, 3, 17),
  width: fc.integer({ min: 2, max: 20 }),
  inner: fc.integer({ min: 2, max: 20 }),
  kernel: fc.constantFrom(1, 3),
  stride: fc.constantFrom(1, 2),
  ending: fc.constantFrom('relu', 'relu6', 'maxPool', 'averagePool', 'depthwise', 'mask'),
});

function networkOf(sample: Sample): Graph {
  const { batch, side, inputChannels, width, inner, kernel, stride } = sample;
  const builder = new GraphBuilder();
  const trained: Value[] = [];
  const parameter = (name: string, ...shape: number[]): Value => {
    const value = builder.input(name, shape);
    trained.push(value);
    return value;
  };
  const normalised = (name: string, x: Value): Value => {
    const channels = x.shape[1]!;
    const [scale, shift] = [parameter(`${name}.scale`, channels), parameter(`${name}.shift`, channels)];
    return batchNormTraining(x, scale, shift).output;
  };
  const images = builder.input('images', [batch, inputChannels, side, side]);
  const same = { stride: 1, padding: (kernel - 1) / 2 };
  const stem = conv2d(images, parameter('stem', width, inputChannels, kernel, kernel), same);
  const trunk = relu(normalised('stem.bn', stem));
  // A subnet's filters: a prefix of larger ones, as in a joint step.
  const shared = parameter('shared', inner + 3, width + 5, kernel, kernel);
  const first = conv2d(trunk, sliceLeading(shared, [inner, width, kernel, kernel]), same);
  const second = conv2d(relu(normalised('first.bn', first)), parameter('second', width, inner, 3, 3), {
    stride: 1,
    padding: 1,
  });
  const joined = relu(add(normalised('second.bn', second), trunk));
  const last = ended(sample, joined, parameter);
  const down = conv2d(last, parameter('down', inner, width, 3, 3), { stride, padding: 1 });
  const pooled = globalAveragePool(down);
  const loss = reduceMean(mul(pooled, pooled), [0, 1]);
  builder.output('loss', loss);
  gradients(loss, trained).forEach((gradient, index) => builder.output(`gradient ${index}`, gradient));
  return builder.build();
}

function ended(
  { ending, width }: Sample,
  x: Value,
  parameter: (name: string, ...shape: number[]) => Value,
): Value {
  switch (ending) {
    case 'relu':
      return relu(channelAffine(x, parameter('factor', width), parameter('summand', width)));
    case 'relu6':
      return relu6(channelAffine(x, parameter('factor', width)));
    case 'maxPool':
      return maxPool(x, { kernel: 2, stride: 2 });
    case 'averagePool':
      return averagePool(x, { kernel: 3, stride: 2, padding: 1 });
    case 'depthwise':
      return conv2d(x, parameter('depthwise', width, 1, 3, 3), { stride: 1, padding: 1, groups: width });
    case 'mask':
      return mul(x, reshape(parameter('mask', width), [1, width, 1, 1]));
  }
}

function feedsOf(graph: Graph) {
  let seed = 7;
  const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const fill = ({ name, shape }: Graph['inputs'][number]) => {
    const size = shape.reduce((product, length) => product * length, 1);
    return [name, { shape, data: Float32Array.from({ length: size }, () => next() * 2 - 0.8) }] as const;
  };
  return Object.fromEntries(graph.inputs.map(fill));
}

async function largestError(executor: Executor, graph: Graph): Promise<number> {
  const feeds = feedsOf(graph);
  const program = await executor.compile(graph);
  const outputs = await program.run(feeds);
  await program.dispose();
  const expected = Object.entries(evaluate(graph, feeds).outputs);
  const largestOf = (data: Float64Array) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // BatchNorm takes a scaling of filters out again: with one channel their gradient is nothing but rounding.
  const floor = 0.01 * Math.max(...expected.map(([, { data }]) => largestOf(data)));
  const errors = expected.map(([name, { data }]) => {
    const largest = Math.max(largestOf(data), floor);
    const given = outputs[name]!.data;
    return data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - given[i]!)), 0) / largest;
  });
  return Math.max(...errors);
}

it('computes the same with blocked images as the reference, at any width', async () => {
  const executor = await createExecutor('onnxruntime', { provider: 'cpu', threads: 2 });
  if ((await channelBlock()) === undefined) {
    console.log('this CPU has no blocked layout: the plain one is checked in its place');
  }
  await fc.assert(
    fc.asyncProperty(samples, async (sample) => {
      expect(await largestError(executor, networkOf(sample))).toBeLessThan(TOLERANCE);
    }),
    { numRuns: 20, seed: 11 },
  );
});
