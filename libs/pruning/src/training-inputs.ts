import type { GraphBuilder, Tensor, Value } from '#graph';
import type { Network } from '#network';
import type { Batch } from './training-data.js';

/** Feeds that every training graph has. */
export interface TrainingInputs {
  /** [batch, channels, height, width] */
  readonly images: Value;
  /** One-hot, [batch, classes]. */
  readonly labels: Value;
  /** Scalar. */
  readonly learningRate: Value;
}

export function trainingInputs(builder: GraphBuilder, network: Network, batchSize: number): TrainingInputs {
  return {
    images: imageInput(builder, network, batchSize),
    labels: builder.input('labels', [batchSize, network.classes]),
    learningRate: builder.input('learningRate', []),
  };
}

export function imageInput(builder: GraphBuilder, network: Network, batchSize: number): Value {
  const { channels, height, width } = network.input;
  return builder.input('images', [batchSize, channels, height, width]);
}

export function imageTensor(network: Network, batch: Batch): Tensor {
  const { channels, height, width } = network.input;
  return { shape: [batch.labels.length, channels, height, width], data: batch.images };
}

/** @throws RangeError when a label is not below the network's classes. */
export function oneHotTensor(network: Network, labels: Uint8Array): Tensor {
  const data = new Float32Array(labels.length * network.classes);
  labels.forEach((label, row) => {
    if (label >= network.classes)
      throw new RangeError(`label ${label}: expected one below ${network.classes}`);
    data[row * network.classes + label] = 1;
  });
  return { shape: [labels.length, network.classes], data };
}

export const scalarTensor = (value: number): Tensor => ({ shape: [], data: Float32Array.of(value) });
