import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { LoadRequest } from './messages.js';
import { randomInput } from './random-input.js';

/** A network with a batch to run it on. */
export interface LoadedNetwork {
  readonly run: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/**
 * Loads an ONNX file and makes its input batch from a fixed seed.
 * @throws Error naming the file when it is no network with one float32 input of `[batch, ...]`.
 */
export async function loadNetwork({ file, batch, threads }: LoadRequest): Promise<LoadedNetwork> {
  const session = await InferenceSession.create(file, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  const shape = inputShape(session, file, batch);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const feeds = { [session.inputNames[0]!]: new Tensor('float32', randomInput(size), shape) };
  return {
    run: async () => {
      await session.run(feeds);
    },
    dispose: () => session.release(),
  };
}

function inputShape(session: InferenceSession, file: string, batch: number): number[] {
  const input = session.inputMetadata[0];
  if (session.inputNames.length !== 1 || !input?.isTensor || input.type !== 'float32') {
    throw new Error(`${file}: expected one float32 input, found ${session.inputNames.join(', ')}`);
  }
  const shape = input.shape.map((dimension, i) =>
    i === 0 && typeof dimension === 'string' ? batch : dimension,
  );
  if (shape[0] !== batch || !shape.every((dimension) => typeof dimension === 'number')) {
    throw new Error(`${file}: input "${input.name}" is [${shape.join(', ')}], expected a batch of ${batch}`);
  }
  return shape;
}
