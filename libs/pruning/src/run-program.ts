import type { Graph, Tensor } from '#graph';
import type { Executor, Program } from '#engine';

/** Compiles a graph, hands the program out and disposes it, whatever happens. */
export async function withProgram<T>(
  executor: Executor,
  graph: Graph,
  use: (program: Program) => Promise<T>,
): Promise<T> {
  const program = await executor.compile(graph);
  try {
    return await use(program);
  } finally {
    await program.dispose();
  }
}

/** Runs a training graph from `state` and gives the state after `train`. */
export function trainProgram(
  executor: Executor,
  graph: Graph,
  state: Readonly<Record<string, Tensor>>,
  train: (program: Program) => Promise<void>,
): Promise<Record<string, Tensor>> {
  return withProgram(executor, graph, async (program) => {
    await program.setState(state);
    await train(program);
    return program.getState();
  });
}
