import * as ort from 'onnxruntime-node';
import {
  GraphBuilder,
  add,
  batchNormTraining,
  distillation,
  gradients,
  greaterThanZero,
  maxPool,
  mul,
  neg,
  reduceSum,
  relu,
  relu6,
  reshape,
  stopGradient,
  straightThrough,
  type Graph,
  type Tensor,
  type Value,
} from '#graph';
import { writeOnnx } from '#onnx';
import { TYPESCRIPT_NODE_OPTIONS, withOneTensorFlow } from '#testkit';
import { OP_CASES } from './conformance/op-cases.js';
import { lossGraph, opFeeds, opGraph } from './conformance/op-program.js';
import { relativeError } from './conformance/relative-error.js';
import { OnnxRuntimeProgram } from './onnxruntime/onnxruntime-program.js';
import { checkConformance, createExecutor, evaluate, probeEngines } from './index.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

describe('gradients in the float64 reference equal central finite differences', () => {
  const STEP = 1e-5;
  /** Per input; of larger ones every n-th element is tried. */
  const MOST_ELEMENTS = 12;

  const triedElements = ({ data }: Tensor): number[] => {
    const every = Math.ceil(data.length / MOST_ELEMENTS);
    return [...data.keys()].filter((index) => index % every === 0);
  };
  const slopeAt = (graph: Graph, feeds: Record<string, Tensor>, name: string, index: number): number => {
    const lossAt = (shift: number) => {
      const { shape, data } = feeds[name]!;
      const shifted = Float64Array.from(data);
      shifted[index]! += shift;
      return evaluate(graph, { ...feeds, [name]: { shape, data: shifted } }).outputs.loss!.data[0]!;
    };
    return (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
  };
  const cases = OP_CASES.filter(({ item }) => (item.gradient ?? 'derivative') === 'derivative');

  test.each(cases)('$name', ({ item }) => {
    const feeds = opFeeds(item);
    const { outputs } = evaluate(opGraph(item), feeds);
    const forward = lossGraph(item);
    for (const [i, shape] of item.shapes.entries()) {
      const gradient = outputs[`gradient${i}`]!;
      expect(gradient.shape).toEqual(shape);
      const elements = triedElements(feeds[`x${i}`]!);
      const numeric = elements.map((index) => slopeAt(forward, feeds, `x${i}`, index));
      const actual = elements.map((index) => gradient.data[index]!);
      expect(relativeError(actual, numeric)).toBeLessThan(1e-6);
    }
  });
});

const engines = withOneTensorFlow(await probeEngines());

describe('every op agrees with the reference to 1e-4 of the largest value of a tensor', () => {
  for (const { executor, provider, available, fallback, reason } of engines) {
    const name = `on ${executor} ${provider}`;
    if (!available || fallback) {
      process.stderr.write(`conformance ${name} is not checked here: ${reason}\n`);
      test.skip(name, () => {});
      continue;
    }
    test(name, async () => {
      const results = await checkConformance(await createExecutor(executor, { provider, threads: 2 }));
      expect(results.filter(({ passed }) => !passed)).toEqual([]);
      expect(results.length).toBeGreaterThan(OP_CASES.length);
    });
  }

  test('as plain ONNX, which devices and machines without a layout of their own get', async () => {
    const { info } = await createExecutor('onnxruntime', { threads: 2 });
    const compile = async (graph: Graph) =>
      new OnnxRuntimeProgram(graph, await ort.InferenceSession.create(writeOnnx(graph)));
    const results = await checkConformance({ info, compile });
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
  });
});

describe('gradients that are not the derivative on purpose', () => {
  const gradientOf = (build: (x: Value) => Value) => {
    const builder = new GraphBuilder();
    const x = builder.input('x', [3]);
    builder.output('gradient', gradients(reduceSum(build(x), [0]), [x])[0]!);
    const feeds = { x: { shape: [3], data: [-1, 0, 2] } };
    return [...evaluate(builder.build(), feeds).outputs.gradient!.data];
  };

  test('no gradient flows through a step, a stopped value or to an unrelated value', () => {
    expect(gradientOf(greaterThanZero)).toEqual([0, 0, 0]);
    expect(gradientOf((x) => mul(x, stopGradient(x)))).toEqual([-1, 0, 2]);
    expect(gradientOf((x) => x.builder.constant({ shape: [1], data: Float32Array.of(1) }))).toEqual([
      0, 0, 0,
    ]);
  });

  test('a straight-through estimator has the step as its value and the identity as its gradient', () => {
    expect(gradientOf((x) => mul(straightThrough(x, greaterThanZero(x)), x))).toEqual([-1, 0, 3]);
  });

  test('a relu has no gradient at zero, a relu6 none at zero and at six', () => {
    expect(gradientOf(relu)).toEqual([0, 0, 1]);
    expect(gradientOf((x) => relu6(mul(x, x.builder.scalar(3))))).toEqual([0, 0, 0]);
    expect(gradientOf((x) => relu6(mul(x, x.builder.scalar(2.9))))[2]).toBeCloseTo(2.9, 6);
  });

  test("the first of several largest values gets all of its window's gradient", () => {
    const builder = new GraphBuilder();
    const images = builder.input('x', [1, 1, 2, 4]);
    const [gradient] = gradients(reduceSum(maxPool(images, { kernel: 2, stride: 1 }), [0, 1, 2, 3]), [
      images,
    ]);
    builder.output('gradient', gradient!);
    const feeds = { x: { shape: [1, 1, 2, 4], data: [1, 1, 0, 0, 1, 0, 3, 0] } };
    expect([...evaluate(builder.build(), feeds).outputs.gradient!.data]).toEqual([1, 0, 0, 0, 0, 0, 2, 0]);
  });

  test('the statistics of BatchNorm pass no gradient', () => {
    const statistics = (x: Value) => {
      const scale = x.builder.constant({ shape: [1], data: Float32Array.of(1) });
      const { mean, variance } = batchNormTraining(reshape(x, [3, 1]), scale, scale);
      return add(mean, variance);
    };
    expect(gradientOf(statistics)).toEqual([0, 0, 0]);
  });

  test('the teacher of a distillation passes no gradient', () => {
    const student = (x: Value) => reshape(neg(stopGradient(x)), [1, 3]);
    const loss = (x: Value) => reshape(distillation(student(x), reshape(x, [1, 3]), { temperature: 2 }), [1]);
    expect(gradientOf(loss)).toEqual([0, 0, 0]);
  });
});
