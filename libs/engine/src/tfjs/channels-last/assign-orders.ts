import type { Graph, GraphNode, NodeOp, Shape } from '#graph';
import { FILTERS, IMAGES, LOGICAL, type AxisOrder } from './axis-order.js';

/** Orders that an op needs of its inputs and gives its output; undefined where it works in any. */
interface Needs {
  readonly inputs: readonly AxisOrder[];
  readonly output: AxisOrder;
}

const NEEDS: { readonly [Op in NodeOp]?: Needs } = {
  conv2d: { inputs: [IMAGES, FILTERS], output: IMAGES },
  conv2dInputGradient: { inputs: [IMAGES, FILTERS], output: IMAGES },
  conv2dFilterGradient: { inputs: [IMAGES, IMAGES], output: FILTERS },
  maxPool: { inputs: [IMAGES], output: IMAGES },
  maxPoolGradient: { inputs: [IMAGES, IMAGES, IMAGES], output: IMAGES },
  averagePool: { inputs: [IMAGES], output: IMAGES },
  averagePoolGradient: { inputs: [IMAGES], output: IMAGES },
  channelAffine: { inputs: [IMAGES], output: IMAGES },
};

/** Ops that mix axes, so that the orders of their inputs and outputs have nothing to do with each other. */
const INDEPENDENT: ReadonlySet<NodeOp> = new Set(['reshape', 'transpose', 'matMul', 'logSoftmax']);

export function needsOf(op: NodeOp): Needs | undefined {
  return NEEDS[op];
}

/**
 * Chooses the order in memory of every value with four axes: what a convolution or pooling works on lies channels last,
 * and so does everything that meets it element by element, states with their next values included, so that next to
 * nothing is ever transposed.
 */
export function assignOrders(graph: Graph, shapeOf: (value: number) => Shape): (value: number) => AxisOrder {
  const groups = new Groups();
  const join = (values: readonly number[]): void => {
    const images = values.filter((value) => shapeOf(value).length === 4);
    for (const value of images) groups.join(images[0]!, value);
  };
  for (const { value, next } of graph.states) join([value, next]);
  for (const node of graph.nodes) {
    if (!NEEDS[node.op] && !INDEPENDENT.has(node.op)) join([...node.inputs, node.output]);
  }
  const orders = new Map<number, AxisOrder>();
  const choose = (value: number, order: AxisOrder): void => {
    const group = groups.of(value);
    if (!orders.has(group)) orders.set(group, order);
  };
  for (const node of graph.nodes) seed(node, choose);
  return (value) => orders.get(groups.of(value)) ?? LOGICAL;
}

function seed({ op, inputs, output }: GraphNode, choose: (value: number, order: AxisOrder) => void): void {
  const needs = NEEDS[op];
  if (!needs) return;
  choose(output, needs.output);
  for (const [place, order] of needs.inputs.entries()) choose(inputs[place]!, order);
}

/** Disjoint sets of values. */
class Groups {
  readonly #parent = new Map<number, number>();

  of(value: number): number {
    let root = value;
    for (let parent = this.#parent.get(root); parent !== undefined; parent = this.#parent.get(root)) {
      root = parent;
    }
    return root;
  }

  join(a: number, b: number): void {
    const [left, right] = [this.of(a), this.of(b)];
    if (left !== right) this.#parent.set(right, left);
  }
}
