import type { Graph, GraphNode, NamedValue, Shape, StateValue, Tensor } from './graph.js';
import type { Value } from './value.js';

/** How a value of a graph under construction came to be; its id is its place in the builder's list. */
export type Definition =
  | { readonly kind: 'input' | 'state'; readonly name: string; readonly shape: Shape }
  | { readonly kind: 'constant'; readonly tensor: Tensor }
  | { readonly kind: 'node'; readonly node: GraphNode }
  | { readonly kind: 'alias'; readonly of: number };

/**
 * Turns a builder's definitions into a graph: aliases are resolved, nodes that compute the same thing become one, and
 * what no output and no state's next value needs is left out.
 */
export function assembleGraph(
  definitions: readonly Definition[],
  outputs: ReadonlyMap<string, Value>,
  nextOf: ReadonlyMap<number, Value>,
): Graph {
  const { resolved, nodes } = mergeDuplicates(definitions);
  const needed = new Set([...outputs.values(), ...nextOf.values()].map((value) => resolved[value.id]!));
  for (const node of nodes.toReversed()) {
    if (needed.has(node.output)) for (const input of node.inputs) needed.add(input);
  }
  const stateAt = (state: NamedValue): StateValue => {
    const next = nextOf.get(state.value);
    return { ...state, next: next ? resolved[next.id]! : state.value };
  };
  return {
    inputs: namedValues(definitions, 'input'),
    states: namedValues(definitions, 'state').map(stateAt),
    constants: definitions.flatMap((definition, value) =>
      definition.kind === 'constant' && needed.has(value) ? [{ value, tensor: definition.tensor }] : [],
    ),
    nodes: nodes.filter((node) => needed.has(node.output)),
    outputs: [...outputs].map(([name, value]) => ({ name, value: resolved[value.id]!, shape: value.shape })),
  };
}

function namedValues(definitions: readonly Definition[], kind: 'input' | 'state'): NamedValue[] {
  return definitions.flatMap((definition, value) =>
    definition.kind === kind ? [{ name: definition.name, value, shape: definition.shape }] : [],
  );
}

/** Autodiff writes the same small node many times (a transposed filter, a reshaped scale); one of each is enough. */
function mergeDuplicates(definitions: readonly Definition[]) {
  const resolved: number[] = [];
  const nodes: GraphNode[] = [];
  const known = new Map<string, number>();
  for (const [id, definition] of definitions.entries()) {
    resolved.push(id);
    if (definition.kind === 'alias') resolved[id] = resolved[definition.of]!;
    if (definition.kind !== 'node') continue;
    const inputs = definition.node.inputs.map((input) => resolved[input]!);
    const { op, shape, attributes } = definition.node;
    const key = JSON.stringify([op, inputs, shape, attributes]);
    const same = known.get(key);
    if (same !== undefined) {
      resolved[id] = same;
    } else {
      known.set(key, id);
      nodes.push({ ...definition.node, inputs });
    }
  }
  return { resolved, nodes };
}
