import { GraphBuilder, gradients, mul, reduceSum, type Graph, type Tensor } from '#graph';
import type { OpCase } from './op-case.js';
import type { ProgramCase } from './program-case.js';
import { randomTensor } from './random-tensor.js';

/** An op's case as a program of one run: its output, and the gradient of every input. */
export function opProgram(name: string, item: OpCase): ProgramCase {
  return { name, graph: () => opGraph(item), states: {}, runs: [opFeeds(item)] };
}

/**
 * `output`, `loss` (the sum of all elements, weighted differently) and, where the op has one, the loss's gradient for
 * every input: `gradient0`, `gradient1`, ...
 */
export function opGraph({ shapes, build, gradient = 'derivative' }: OpCase): Graph {
  const builder = new GraphBuilder();
  const inputs = shapes.map((shape, i) => builder.input(`x${i}`, shape));
  const output = build(...inputs);
  const weights = builder.constant(randomTensor(output.shape, [0.5, 1.5], 99));
  const loss = reduceSum(mul(output, weights), [...output.shape.keys()]);
  builder.output('output', output);
  builder.output('loss', loss);
  if (gradient !== 'none') {
    for (const [i, value] of gradients(loss, inputs).entries()) builder.output(`gradient${i}`, value);
  }
  return builder.build();
}

export function opFeeds({ shapes, range = [-2, 2], whole = false }: OpCase): Record<string, Tensor> {
  const tensors = shapes.map((shape, i) => {
    const { data } = randomTensor(shape, range, i + 1);
    return [`x${i}`, { shape, data: whole ? data.map(Math.round) : data }] as const;
  });
  return Object.fromEntries(tensors);
}
