import type { Executor, Program } from '#engine';
import type { Subnet } from './family.js';
import { inferenceGraph } from './inference-graph.js';
import type { Batches, TestBatch } from './training-data.js';
import { imageTensor } from './training-inputs.js';

export interface EvaluateOptions {
  readonly executor: Executor;
  /** All of one size. */
  readonly batches: Batches<TestBatch>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Top-1 accuracy of a subnet, 0..1, as devices run it: with BatchNorm folded.
 * @throws RangeError when there is no test image; the signal's reason.
 */
export async function topOneAccuracy(subnet: Subnet, options: EvaluateOptions): Promise<number> {
  const { executor, batches, signal } = options;
  let program: Program | undefined;
  let right = 0;
  let total = 0;
  try {
    for await (const batch of batches) {
      signal?.throwIfAborted();
      program ??= await executor.compile(inferenceGraph(subnet, { batch: batch.labels.length }));
      const outputs = await program.run({ input: imageTensor(subnet.network, batch) });
      right += countRight(outputs['logits']!.data, batch, subnet.network.classes);
      total += batch.count;
    }
  } finally {
    await program?.dispose();
  }
  if (total === 0) throw new RangeError('evaluation got no test batch, expected at least one');
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
