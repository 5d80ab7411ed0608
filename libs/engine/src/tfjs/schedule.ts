import type { Graph, GraphNode } from '#graph';

/** A node in its turn, and the values that nobody reads after it. */
export interface ScheduledNode {
  readonly node: GraphNode;
  readonly lastReadHere: readonly number[];
}

/** Finds where each value that a run makes is read last, so that its memory can go to the next one. */
export function schedule(graph: Graph): ScheduledNode[] {
  const seen = new Set<number>();
  for (const { value } of [...graph.constants, ...graph.outputs]) seen.add(value);
  for (const { value, next } of graph.states) seen.add(value).add(next);
  const backwards = graph.nodes.toReversed().map((node): ScheduledNode => {
    const lastReadHere = [...new Set(node.inputs)].filter((value) => !seen.has(value));
    for (const value of lastReadHere) seen.add(value);
    return { node, lastReadHere };
  });
  return backwards.reverse();
}
