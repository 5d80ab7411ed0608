import type { Executor } from '#engine';
import type { Subnet } from './family.js';
import { inferenceGraph } from './inference-graph.js';
import { withProgram } from './run-program.js';
import type { TestBatch } from './training-data.js';
import { imageTensor } from './training-inputs.js';

export interface EvaluateOptions {
  readonly executor: Executor;
  /** All of one size. */
  readonly batches: Iterable<TestBatch>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Top-1 accuracy of a subnet, 0..1, as devices run it: with BatchNorm folded.
 * @throws RangeError when there is no test image; the signal's reason.
 */
export async function evaluate(subnet: Subnet, options: EvaluateOptions): Promise<number> {
  const { executor, batches, signal } = options;
  const iterator = batches[Symbol.iterator]();
  const first = iterator.next();
  if (first.done) throw new RangeError('evaluation got no test batch, expected at least one');
  const graph = inferenceGraph(subnet, { batch: first.value.labels.length });
  let right = 0;
  let total = 0;
  await withProgram(executor, graph, async (program) => {
    for (let next = first; !next.done; next = iterator.next() as typeof first) {
      signal?.throwIfAborted();
      const outputs = await program.run({ input: imageTensor(subnet.network, next.value) });
      right += countRight(outputs['logits']!.data, next.value, subnet.network.classes);
      total += next.value.count;
    }
  });
  return right / total;
}

function countRight(logits: Float32Array, batch: TestBatch, classes: number): number {
  let right = 0;
  for (let row = 0; row < batch.count; row++) {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    if (scores.indexOf(Math.max(...scores)) === batch.labels[row]) right++;
  }
  return right;
}
