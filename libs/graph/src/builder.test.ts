import {
  GraphBuilder,
  GraphError,
  add,
  exp,
  gradients,
  mul,
  neg,
  reduceSum,
  relu,
  stopGradient,
  sub,
  type Graph,
} from './index.js';

const opsOf = (graph: Graph) => graph.nodes.map((node) => node.op);

test('a graph lists inputs, states and outputs by name and its nodes in execution order', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', [2, 3]);
  const total = builder.state('total', [3]);
  const kept = builder.state('kept', [1]);
  const next = add(total, reduceSum(x, [0]));
  builder.assign(total, next);
  builder.output('negative', neg(next));
  const graph = builder.build();
  expect(graph.inputs).toEqual([{ name: 'x', value: x.id, shape: [2, 3] }]);
  expect(graph.states).toEqual([
    { name: 'total', value: total.id, shape: [3], next: next.id },
    { name: 'kept', value: kept.id, shape: [1], next: kept.id },
  ]);
  expect(graph.outputs).toEqual([{ name: 'negative', value: expect.any(Number), shape: [3] }]);
  expect(opsOf(graph)).toEqual(['reduceSum', 'add', 'neg']);
  const known = new Set([x.id, total.id, kept.id]);
  for (const node of graph.nodes) {
    expect(node.inputs.every((input) => known.has(input))).toBe(true);
    known.add(node.output);
  }
});

test('nodes and constants that nothing reads are left out', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', [2]);
  exp(mul(x, builder.scalar(7)));
  builder.output('y', relu(x));
  const graph = builder.build();
  expect(opsOf(graph)).toEqual(['relu']);
  expect(graph.constants).toEqual([]);
});

test('what is computed twice becomes one node, through aliases too', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', [2]);
  builder.output('y', add(exp(x), exp(stopGradient(x))));
  const graph = builder.build();
  expect(opsOf(graph)).toEqual(['exp', 'add']);
  expect(new Set(graph.nodes[1]!.inputs).size).toBe(1);
});

test('ops of other attributes or shapes stay apart', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', [2, 2]);
  builder.output('y', add(reduceSum(x, [0]), reduceSum(x, [1])));
  expect(opsOf(builder.build())).toEqual(['reduceSum', 'reduceSum', 'add']);
});

test('constant numbers are folded and neutral ones dropped', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', [2]);
  const scalar = (value: number) => builder.scalar(value);
  expect(mul(x, scalar(1))).toBe(x);
  expect(add(scalar(0), x)).toBe(x);
  expect(sub(x, scalar(0))).toBe(x);
  expect(mul(scalar(2), scalar(3))).toBe(scalar(6));
  builder.output('y', mul(x, mul(scalar(2), add(scalar(1), scalar(0.5)))));
  const graph = builder.build();
  expect(opsOf(graph)).toEqual(['mul']);
  expect(graph.constants.map((constant) => [...constant.tensor.data])).toEqual([[3]]);
});

describe('the builder refuses', () => {
  const builder = () => new GraphBuilder();
  test.each<[string, () => unknown, RegExp]>([
    [
      'a name used twice',
      () => {
        const b = builder();
        b.input('x', [1]);
        b.state('x', [1]);
      },
      /state: the name "x" is used twice/,
    ],
    ['an empty name', () => builder().input('', [1]), /input: the name is empty/],
    ['a side of zero', () => builder().input('x', [2, 0]), /input "x": \[2, 0\] has a side/],
    [
      'a constant of another size',
      () => builder().constant({ shape: [3], data: Float32Array.of(1) }),
      /constant: \[3\] needs 3 values, got 1/,
    ],
    [
      'a next value of another shape',
      () => {
        const b = builder();
        b.assign(b.state('s', [2]), b.scalar(1));
      },
      /assign: state "s" is \[2\], its next value \[\]/,
    ],
    [
      'assigning twice',
      () => {
        const b = builder();
        const s = b.state('s', []);
        b.assign(s, b.scalar(1));
        b.assign(s, b.scalar(2));
      },
      /assign: state "s" is assigned twice/,
    ],
    [
      'assigning what is no state',
      () => {
        const b = builder();
        b.assign(b.input('x', []), b.scalar(1));
      },
      /assign: the target is no state but of kind input/,
    ],
    [
      'values of another builder',
      () => add(builder().input('x', [1]), builder().input('x', [1])),
      /another graph/,
    ],
    [
      'a loss that is no scalar',
      () => gradients(builder().input('x', [2]), []),
      /must be a scalar, got \[2\]/,
    ],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(GraphError);
    expect(act).toThrow(message);
  });
});

test('errors name the labels around the op', () => {
  const builder = new GraphBuilder();
  const act = () =>
    builder.labelled('stage1', () =>
      builder.labelled('conv2', () => add(builder.input('a', [2]), builder.input('b', [3]))),
    );
  expect(act).toThrow('add in "stage1/conv2": [2] and [3] do not broadcast');
  expect(() => add(builder.input('c', [2]), builder.input('d', [3]))).toThrow('add: [2] and [3]');
});

test('a gradient of nothing but zeros comes for what the loss does not read', () => {
  const builder = new GraphBuilder();
  const [x, y] = [builder.input('x', [2]), builder.input('y', [3])];
  const [dx, dy] = gradients(reduceSum(x, [0]), [x, y]);
  expect(dx!.shape).toEqual([2]);
  expect(dy!.shape).toEqual([3]);
  builder.output('dy', dy!);
  expect(builder.build().constants.map((constant) => [...constant.tensor.data])).toEqual([[0]]);
});

test('backward nodes of values that need no gradient are not built into the graph', () => {
  const builder = new GraphBuilder();
  const [x, w] = [builder.input('x', [4]), builder.input('w', [4])];
  builder.output('dw', gradients(reduceSum(mul(x, w), [0]), [w])[0]!);
  expect(opsOf(builder.build())).toEqual(['reshape', 'broadcastTo', 'mul']);
});
