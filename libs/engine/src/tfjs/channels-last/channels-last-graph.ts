import type { Graph, GraphNode, Shape } from '#graph';
import { assignOrders, needsOf } from './assign-orders.js';
import { LOGICAL, inOrder, type AxisOrder } from './axis-order.js';
import { ChannelsLastBuilder } from './channels-last-builder.js';
import { reordered } from './reordered.js';

/**
 * A graph whose images lie as [N, H, W, C] and whose filters lie as [k, k, I, O]: shapes and attributes are those in
 * memory, and convolutions and pools are to be read so. Inputs, constants and outputs are in the order of the graph it
 * was made of.
 */
export interface ChannelsLastGraph extends Graph {
  /** Of the states with four axes, by name. */
  readonly stateOrders: ReadonlyMap<string, AxisOrder>;
}

/** Lays a graph out for TensorFlow.js; transposes are left at its border and where a reshape mixes axes. */
export function channelsLast(graph: Graph): ChannelsLastGraph {
  const shapes = shapesOf(graph);
  const shapeOf = (value: number): Shape => shapes.get(value)!;
  const orderOf = assignOrders(graph, shapeOf);
  const builder = new ChannelsLastBuilder(shapeOf, orderOf, Math.max(0, ...shapes.keys()) + 1);
  const states = graph.states.map((state) => builder.declare(state, orderOf(state.value)));
  for (const { value } of [...graph.inputs, ...graph.constants]) builder.bring(value);
  for (const node of graph.nodes) place(node, builder, orderOf);
  const nextStates = states.map((state, i) => ({
    ...state,
    next: builder.read(graph.states[i]!.next, orderOf(state.value)),
  }));
  const outputs = graph.outputs.map((output) => ({ ...output, value: builder.read(output.value, LOGICAL) }));
  const withFourAxes = graph.states.filter(({ shape }) => shape.length === 4);
  return {
    ...graph,
    states: nextStates,
    nodes: neededNodes(builder.nodes, [
      ...nextStates.map(({ next }) => next),
      ...outputs.map(({ value }) => value),
    ]),
    outputs,
    stateOrders: new Map(withFourAxes.map(({ name, value }) => [name, orderOf(value)])),
  };
}

function place(node: GraphNode, builder: ChannelsLastBuilder, orderOf: (value: number) => AxisOrder): void {
  const needs = needsOf(node.op);
  if (!needs || node.shape.length !== 4) return reordered(node, builder, orderOf(node.output));
  const inputs = node.inputs.map((value, i) => builder.read(value, needs.inputs[i] ?? LOGICAL));
  builder.write(node.output, needs.output, { ...node, inputs, shape: inOrder(node.shape, needs.output) });
}

/** Without what has been replaced by another order of the same value. */
function neededNodes(nodes: readonly GraphNode[], results: readonly number[]): GraphNode[] {
  const needed = new Set(results);
  for (const { output, inputs } of nodes.toReversed()) {
    if (needed.has(output)) for (const input of inputs) needed.add(input);
  }
  return nodes.filter(({ output }) => needed.has(output));
}

function shapesOf({ inputs, states, constants, nodes }: Graph): Map<number, Shape> {
  return new Map([
    ...[...inputs, ...states].map(({ value, shape }) => [value, shape] as const),
    ...constants.map(({ value, tensor }) => [value, tensor.shape] as const),
    ...nodes.map(({ output, shape }) => [output, shape] as const),
  ]);
}
