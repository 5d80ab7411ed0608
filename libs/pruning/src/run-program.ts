import type { Graph } from '#graph';
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
