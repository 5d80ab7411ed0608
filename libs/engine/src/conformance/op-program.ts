import { GraphBuilder, gradients, mul, reduceSum, type Graph, type Tensor, type Value } from '#graph';
import type { OpCase } from './op-case.js';
import type { ProgramCase } from './program-case.js';
import { randomTensor } from './random-tensor.js';

/** An op's case as a program of one run: its output, and the gradient of every input. */
export function opProgram(name: string, item: OpCase): ProgramCase {
  return { name, graph: () => opGraph(item), states: {}, runs: [opFeeds(item)] };
}

/** `output` and, where the op has one, the loss's gradient for every input: `gradient0`, `gradient1`, ... */
export function opGraph(item: OpCase): Graph {
  const { inputs, output, loss } = built(item);
  output.builder.output('output', output);
  if (item.gradient !== 'none') {
    for (const [i, value] of gradients(loss, inputs).entries()) {
      output.builder.output(`gradient${i}`, value);
    }
  }
  return output.builder.build();
}

/** The loss alone: no part of `opGraph`, since where its summands cancel rounding is most of it. */
export function lossGraph(item: OpCase): Graph {
  const { loss } = built(item);
  loss.builder.output('loss', loss);
  return loss.builder.build();
}

/** The loss is the sum of all elements of the output, weighted differently. */
function built({ shapes, build }: OpCase): { inputs: Value[]; output: Value; loss: Value } {
  const builder = new GraphBuilder();
  const inputs = shapes.map((shape, i) => builder.input(`x${i}`, shape));
  const output = build(...inputs);
  const weights = builder.constant(randomTensor(output.shape, [0.5, 1.5], 99));
  return { inputs, output, loss: reduceSum(mul(output, weights), [...output.shape.keys()]) };
}

export function opFeeds({ shapes, range = [-2, 2], whole = false }: OpCase): Record<string, Tensor> {
  const tensors = shapes.map((shape, i) => {
    const { data } = randomTensor(shape, range, i + 1);
    return [`x${i}`, { shape, data: whole ? data.map(Math.round) : data }] as const;
  });
  return Object.fromEntries(tensors);
}
