import { createExecutor, evaluate } from '#engine';
import type { Graph } from '#graph';
import type { Parameters } from './parameters.js';
import { withProgram } from './run-program.js';

/** One step in onnxruntime and in the float64 reference: their states after it are the same but for rounding. */
export async function expectAgreement(graph: Graph, state: Parameters, feeds: Parameters): Promise<void> {
  const expected = evaluate(graph, { ...state, ...feeds }).next;
  const executor = await createExecutor('onnxruntime', { threads: 1 });
  const actual = await withProgram(executor, graph, async (program) => {
    await program.setState(state);
    await program.run(feeds);
    return program.getState();
  });
  for (const [name, { data }] of Object.entries(expected)) {
    const largest = Math.max(...data.map(Math.abs), 1e-3);
    const worst = Math.max(...data.map((value, i) => Math.abs(value - actual[name]!.data[i]!)));
    expect([name, worst < 1e-4 * largest]).toEqual([name, true]);
  }
}
