/** Thrown while a graph is built: names the op, the label around it and both sides' sizes. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}
