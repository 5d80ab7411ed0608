import { formatShape, sameShape, type Tensor } from '#graph';
import type { Executor, Tensors } from '../executor.js';
import { evaluate, type Tensor64 } from '../reference/evaluate.js';
import type { ProgramCase } from './program-case.js';
import { relativeError } from './relative-error.js';

/**
 * Runs a case on an executor and in the float64 reference. The result is the largest error of any output of any run
 * and of the last states, each as a share of its reference tensor's largest value.
 * @throws Error when the executor throws, or gives other names or shapes.
 */
export async function compareProgram(executor: Executor, item: ProgramCase): Promise<number> {
  const graph = item.graph();
  const program = await executor.compile(graph);
  try {
    await program.setState(item.states);
    const errors: number[] = [];
    let states: Parameters<typeof evaluate>[1] = item.states;
    for (const feeds of item.runs) {
      const expected = evaluate(graph, { ...states, ...feeds });
      errors.push(largestError(await program.run(feeds), expected.outputs));
      states = expected.next;
    }
    if (graph.states.length > 0) errors.push(largestError(await program.getState(), states));
    return Math.max(...errors);
  } finally {
    await program.dispose();
  }
}

function largestError(actual: Tensors, expected: Readonly<Record<string, Reference>>): number {
  const [given, wanted] = [Object.keys(actual).sort().join(), Object.keys(expected).sort().join()];
  if (given !== wanted) throw new Error(`gives the tensors ${given}, expected ${wanted}`);
  return Math.max(...Object.entries(expected).map(([name, tensor]) => errorOf(name, actual[name]!, tensor)));
}

type Reference = Pick<Tensor64, 'shape'> & { readonly data: ArrayLike<number> };

function errorOf(name: string, actual: Tensor, expected: Reference): number {
  if (!sameShape(actual.shape, expected.shape) || actual.data.length !== expected.data.length) {
    throw new Error(
      `gives "${name}" as ${formatShape(actual.shape)}, expected ${formatShape(expected.shape)}`,
    );
  }
  return relativeError(actual.data, expected.data);
}
