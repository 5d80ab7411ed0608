import { sizeOf, type GraphNode, type NodeOf, type Shape } from '#graph';
import { LOGICAL, inOrder, permutation, type AxisOrder } from './axis-order.js';
import type { ChannelsLastBuilder } from './channels-last-builder.js';

/**
 * Writes a node that can work in any order of its axes: inputs are read in its output's order and the attributes that
 * name axes are mapped.
 */
export function reordered(node: GraphNode, builder: ChannelsLastBuilder, order: AxisOrder): void {
  switch (node.op) {
    case 'reshape':
      return reshape(node, builder);
    case 'transpose':
      return transpose(node, builder, order);
    case 'reduceSum':
    case 'reduceMean':
      return reduce(node, builder);
    case 'logSoftmax':
    case 'matMul':
      return elementwise(node, builder, LOGICAL);
    case 'slice':
      return mapped(node, builder, order, { starts: inOrder(node.attributes.starts, order) });
    case 'pad': {
      const { before, after } = node.attributes;
      return mapped(node, builder, order, { before: inOrder(before, order), after: inOrder(after, order) });
    }
    case 'concat':
      return mapped(node, builder, order, { axis: order.indexOf(node.attributes.axis) });
    default:
      return elementwise(node, builder, order);
  }
}

/** Unary and binary ops, and broadcasting: by position from the last axis, so a shorter shape is filled up first. */
function elementwise(node: GraphNode, builder: ChannelsLastBuilder, order: AxisOrder): void {
  if (node.shape.length !== 4) return keep(node, builder);
  const inputs = node.inputs.map((value) => readToBroadcast(value, builder, order));
  builder.write(node.output, order, { ...node, inputs, shape: inOrder(node.shape, order) });
}

function readToBroadcast(value: number, builder: ChannelsLastBuilder, order: AxisOrder): number {
  const shape = builder.shapeOf(value);
  const id = builder.read(value, order);
  if (shape.length === 4 || sizeOf(shape) === 1) return id;
  const full = [...Array<number>(4 - shape.length).fill(1), ...shape];
  const perm = permutation(LOGICAL, order);
  return builder.emit('transpose', [builder.reshape(id, full)], inOrder(full, order), { perm });
}

/** Ops whose attributes name axes of a value with four of them. */
function mapped<Op extends 'slice' | 'pad' | 'concat'>(
  node: NodeOf<Op>,
  builder: ChannelsLastBuilder,
  order: AxisOrder,
  attributes: NodeOf<Op>['attributes'],
): void {
  if (node.shape.length !== 4) return keep(node as GraphNode, builder);
  const inputs = node.inputs.map((value) => builder.read(value, order));
  const moved = { ...node, inputs, shape: inOrder(node.shape, order), attributes };
  builder.write(node.output, order, moved as unknown as GraphNode);
}

function reshape(node: NodeOf<'reshape'>, builder: ChannelsLastBuilder): void {
  const [value] = node.inputs as [number];
  const id = builder.reshape(builder.read(value, LOGICAL), node.shape);
  builder.alias(node.output, LOGICAL, id);
}

function transpose(node: NodeOf<'transpose'>, builder: ChannelsLastBuilder, order: AxisOrder): void {
  if (node.shape.length !== 4) return keep(node, builder);
  const [value] = node.inputs as [number];
  const from = builder.orderAtHand(value);
  const perm = order.map((axis) => from.indexOf(node.attributes.perm[axis]!));
  const shape = inOrder(node.shape, order);
  builder.write(node.output, order, {
    ...node,
    inputs: [builder.read(value, from)],
    shape,
    attributes: { perm },
  });
}

/** Reduces in the order at hand; axes that are left over and kept no more must be brought back into theirs. */
function reduce(node: NodeOf<'reduceSum' | 'reduceMean'>, builder: ChannelsLastBuilder): void {
  const [value] = node.inputs as [number];
  if (builder.shapeOf(value).length !== 4) return keep(node, builder);
  const order = builder.orderOf(value);
  const { axes, keepDims } = node.attributes;
  const moved = axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b);
  const inputs = [builder.read(value, order)];
  const attributes = { axes: moved, keepDims };
  if (keepDims) {
    const shape = inOrder(node.shape, order);
    return builder.write(node.output, order, { ...node, inputs, shape, attributes });
  }
  const left = order.filter((axis) => !axes.includes(axis));
  const sorted = left.toSorted((a, b) => a - b);
  if (left.join() === sorted.join()) {
    return builder.write(node.output, LOGICAL, { ...node, inputs, attributes });
  }
  const sides: Shape = left.map((axis) => node.shape[sorted.indexOf(axis)]!);
  const id = builder.emit(node.op, inputs, sides, attributes);
  const perm = sorted.map((axis) => left.indexOf(axis));
  builder.write(node.output, LOGICAL, {
    ...node,
    op: 'transpose',
    inputs: [id],
    attributes: { perm },
  } as unknown as GraphNode);
}

function keep(node: GraphNode, builder: ChannelsLastBuilder): void {
  const inputs = node.inputs.map((value) => builder.read(value, LOGICAL));
  builder.write(node.output, LOGICAL, { ...node, inputs });
}
