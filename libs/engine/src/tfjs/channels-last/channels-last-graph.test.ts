import {
  GraphBuilder,
  batchNormTraining,
  conv2d,
  gradients,
  mul,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  sgdMomentum,
  type Graph,
  type Value,
} from '#graph';
import { channelsLast } from './channels-last-graph.js';

const transposesOf = (graph: Graph) =>
  graph.nodes.flatMap(({ op, attributes, shape }) => (op === 'transpose' ? [{ ...attributes, shape }] : []));

/** A graph with one input [2, 3, 6, 4] and one output. */
function graphOf(build: (images: Value) => Value): Graph {
  const builder = new GraphBuilder();
  builder.output('y', build(builder.input('images', [2, 3, 6, 4])));
  return builder.build();
}

test('a training step transposes its images alone', () => {
  const builder = new GraphBuilder();
  const images = builder.input('images', [2, 3, 6, 4]);
  const state = (name: string, shape: number[]) => builder.state(name, shape);
  const filters = [state('first', [5, 3, 3, 3]), state('second', [7, 5, 3, 3])];
  const norms = [5, 7].map((channels) =>
    ['scale', 'shift'].map((name) => state(`${name}${channels}`, [channels])),
  );
  const output = filters.reduce((x, w, i) => {
    const convolved = conv2d(x, w, { stride: 1 + i, padding: 1 });
    return relu(batchNormTraining(convolved, norms[i]![0]!, norms[i]![1]!).output);
  }, images);
  const loss = reduceSum(reduceMean(output, [2, 3]), [0, 1]);
  for (const [i, gradient] of gradients(loss, filters).entries()) {
    const velocity = state(`velocity${i}`, [...filters[i]!.shape]);
    const learningRate = builder.scalar(0.1);
    sgdMomentum({
      parameter: filters[i]!,
      gradient,
      velocity,
      learningRate,
      momentum: 0.9,
      weightDecay: 0.1,
    });
  }
  builder.output('loss', loss);
  const graph = channelsLast(builder.build());
  expect(transposesOf(graph)).toEqual([{ perm: [0, 2, 3, 1], shape: [2, 6, 4, 3] }]);
  expect(graph.states.find(({ name }) => name === 'second')!.shape).toEqual([3, 3, 5, 7]);
  expect(graph.stateOrders.get('velocity1')).toEqual([2, 3, 1, 0]);
});

test('a graph without convolutions and pools stays as it is', () => {
  const graph = graphOf((images) => relu(reduceMean(images, [1], { keepDims: true })));
  expect(channelsLast(graph).nodes).toEqual(graph.nodes);
});

test('outputs are in the order of the graph', () => {
  const pointwise = (images: Value) =>
    conv2d(images, images.builder.constant({ shape: [2, 3, 1, 1], data: new Float32Array(6) }), {
      stride: 1,
      padding: 0,
    });
  const graph = channelsLast(graphOf(pointwise));
  expect(graph.outputs[0]!.shape).toEqual([2, 2, 6, 4]);
  expect(transposesOf(graph).at(-1)).toEqual({ perm: [0, 3, 1, 2], shape: [2, 2, 6, 4] });
});

test('axes that a reduction leaves come back into their order', () => {
  const graph = channelsLast(
    graphOf((images) => {
      const filters = images.builder.constant({ shape: [2, 3, 1, 1], data: new Float32Array(6) });
      return reduceSum(conv2d(images, filters, { stride: 1, padding: 0 }), [0]);
    }),
  );
  expect(transposesOf(graph).at(-1)).toEqual({ perm: [2, 0, 1], shape: [2, 6, 4] });
});

test('a value per channel changes its shape and not its place in memory', () => {
  const graph = channelsLast(
    graphOf((images) => {
      const filters = images.builder.constant({ shape: [2, 3, 1, 1], data: new Float32Array(6) });
      const scale = reshape(images.builder.input('scale', [2]), [1, 2, 1, 1]);
      return reduceSum(mul(conv2d(images, filters, { stride: 1, padding: 0 }), scale), [0, 2, 3]);
    }),
  );
  const [reshaped] = graph.nodes.filter(({ op }) => op === 'reshape');
  expect(reshaped).toMatchObject({ inputs: [graph.inputs[1]!.value], shape: [1, 1, 1, 2] });
  const product = graph.nodes.find(({ op }) => op === 'mul')!;
  expect(product.inputs[1]).toBe(reshaped!.output);
});
