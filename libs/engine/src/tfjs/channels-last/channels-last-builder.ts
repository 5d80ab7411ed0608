import type { GraphNode, NodeAttributes, NodeOp, Shape, StateValue } from '#graph';
import { LOGICAL, inOrder, permutation, sameSequence, type AxisOrder } from './axis-order.js';

interface Placed {
  readonly order: AxisOrder;
  readonly id: number;
}

/** Collects the nodes of a channels-last graph and knows in which orders each value of the graph is at hand. */
export class ChannelsLastBuilder {
  readonly nodes: GraphNode[] = [];
  readonly shapeOf: (value: number) => Shape;
  readonly #orderOf: (value: number) => AxisOrder;
  readonly #placed = new Map<number, Placed[]>();
  /** What a reshape's output was before, so that reshapes of reshapes are one. */
  readonly #unshaped = new Map<number, number>();
  #nextId: number;

  constructor(shapeOf: (value: number) => Shape, orderOf: (value: number) => AxisOrder, firstId: number) {
    this.shapeOf = shapeOf;
    this.#orderOf = orderOf;
    this.#nextId = firstId;
  }

  /** A state, which the program keeps in the given order. */
  declare(state: StateValue, order: AxisOrder): StateValue {
    this.#place(state.value, { order, id: state.value });
    return { ...state, shape: this.#shapeIn(state.shape, order) };
  }

  /** An input or a constant, which comes in the graph's own order. */
  bring(value: number): void {
    this.#place(value, { order: LOGICAL, id: value });
  }

  /** The order that a value's group has; what reads it may ask for another. */
  orderOf(value: number): AxisOrder {
    return this.#orderOf(value);
  }

  /** Any order in which the value is at hand without work. */
  orderAtHand(value: number): AxisOrder {
    return this.#placed.get(value)![0]!.order;
  }

  /** The value's id in an order; brings it there where needed. Fewer than four axes have one order only. */
  read(value: number, order: AxisOrder): number {
    const shape = this.shapeOf(value);
    const placed = this.#placed.get(value)!;
    if (shape.length !== 4) return placed[0]!.id;
    const same = placed.find((at) => at.order.join() === order.join());
    if (same) return same.id;
    const alike = placed.find((at) => sameSequence(shape, at.order, order));
    const from = alike ?? placed[0]!;
    const target = inOrder(shape, order);
    const id = alike
      ? this.reshape(from.id, target)
      : this.emit('transpose', [from.id], target, { perm: permutation(from.order, order) });
    this.#place(value, { order, id });
    return id;
  }

  /** The node that computes a value of the graph, in the order in which it does. */
  write(value: number, order: AxisOrder, node: GraphNode): void {
    this.nodes.push({ ...node, output: value });
    this.#place(value, { order, id: value });
  }

  /** A value of the graph that is another id already. */
  alias(value: number, order: AxisOrder, id: number): void {
    this.#place(value, { order, id });
  }

  emit<Op extends NodeOp>(
    op: Op,
    inputs: readonly number[],
    shape: Shape,
    attributes: NodeAttributes[Op],
  ): number {
    const output = this.#nextId++;
    this.nodes.push({ op, inputs, output, shape, attributes } as GraphNode);
    return output;
  }

  reshape(id: number, shape: Shape): number {
    const source = this.#unshaped.get(id) ?? id;
    const output = this.emit('reshape', [source], shape, {});
    this.#unshaped.set(output, source);
    return output;
  }

  #place(value: number, placed: Placed): void {
    const known = this.#placed.get(value);
    if (known) known.push(placed);
    else this.#placed.set(value, [placed]);
  }

  #shapeIn(shape: Shape, order: AxisOrder): Shape {
    return shape.length === 4 ? inOrder(shape, order) : shape;
  }
}
