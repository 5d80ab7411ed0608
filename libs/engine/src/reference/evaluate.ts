import type { Graph, Shape } from '#graph';
import { ExecutorError } from '../executor.js';
import { compute } from './kernels.js';
import { zeros, type Tensor64 } from './tensor64.js';

export type { Tensor64 } from './tensor64.js';

export interface Evaluation {
  readonly outputs: Record<string, Tensor64>;
  /** Every state's next value, by the state's name. */
  readonly next: Record<string, Tensor64>;
}

interface Values {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/**
 * Evaluates a graph once in float64, node by node in plain loops. Inputs and states come by name; nothing is kept.
 * Tests use it where float32 is too coarse, as in finite differences.
 * @throws ExecutorError when an input or a state is missing.
 */
export function evaluate(graph: Graph, given: Readonly<Record<string, Values>>): Evaluation {
  const values = new Map<number, Tensor64>();
  for (const { name, value } of [...graph.inputs, ...graph.states]) {
    const tensor = given[name];
    if (!tensor) throw new ExecutorError(`evaluate: "${name}" is missing`);
    values.set(value, float64(tensor));
  }
  for (const { value, tensor } of graph.constants) values.set(value, float64(tensor));
  for (const node of graph.nodes) {
    const output = zeros(node.shape);
    compute(
      node,
      node.inputs.map((input) => values.get(input)!),
      output,
    );
    values.set(node.output, output);
  }
  const read = (name: string, value: number) => [name, values.get(value)!] as const;
  return {
    outputs: Object.fromEntries(graph.outputs.map(({ name, value }) => read(name, value))),
    next: Object.fromEntries(graph.states.map(({ name, next }) => read(name, next))),
  };
}

function float64({ shape, data }: Values): Tensor64 {
  return { shape, data: Float64Array.from(data) };
}
