import type { Tensor } from '#graph';
import type { Network } from '#network';
import type { Executor } from '#engine';
import { scaleName, shiftName, type BatchNormState, type Parameters } from './parameters.js';
import { meanName, recalibrationGraph, varianceName } from './recalibration-graph.js';
import { withProgram } from './run-program.js';
import type { Batch, Batches } from './training-data.js';
import { imageTensor } from './training-inputs.js';

export interface RecalibrateOptions {
  readonly executor: Executor;
  readonly batches: Batches<Batch>;
  readonly batchSize: number;
  /** Stops after this many batches. */
  readonly maxBatches: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Phase 4: BatchNorm statistics of one subnet, the cumulative average of the batches' means and variances (Yu & Huang
 * 2019, section 3.3): statistics of another width, or of weights that still moved, would not fit.
 * @param values the subnet's parameters and BatchNorm scales and shifts.
 * @throws RangeError when there is no batch; the signal's reason.
 */
export async function recalibrate(
  network: Network,
  values: Parameters,
  options: RecalibrateOptions,
): Promise<BatchNormState> {
  const { executor, batches, batchSize, maxBatches, signal } = options;
  const sums: Record<string, Float64Array> = {};
  let count = 0;
  await withProgram(executor, recalibrationGraph(network, values, batchSize), async (program) => {
    for await (const batch of batches) {
      if (count === maxBatches) break;
      signal?.throwIfAborted();
      accumulate(sums, await program.run({ images: imageTensor(network, batch) }));
      count++;
    }
  });
  if (count === 0) throw new RangeError('BatchNorm recalibration got no batch, expected at least one');
  const average = (name: string): Float32Array => Float32Array.from(sums[name]!, (sum) => sum / count);
  const layers = network.layers.filter((layer) => layer.kind === 'batch-norm');
  return Object.fromEntries(
    layers.map(({ name }) => [
      name,
      {
        scale: values[scaleName(name)]!.data,
        shift: values[shiftName(name)]!.data,
        mean: average(meanName(name)),
        variance: average(varianceName(name)),
      },
    ]),
  );
}

function accumulate(sums: Record<string, Float64Array>, outputs: Record<string, Tensor>): void {
  for (const [name, { data }] of Object.entries(outputs)) {
    const sum = (sums[name] ??= new Float64Array(data.length));
    data.forEach((value, channel) => (sum[channel]! += value));
  }
}
