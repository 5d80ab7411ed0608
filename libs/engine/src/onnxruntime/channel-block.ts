import * as ort from 'onnxruntime-node';
import { blockProbe } from '#onnx';
import { sessionOptions } from './session-options.js';

let known: Promise<number | undefined> | undefined;

/**
 * Channels per block of the layout that onnxruntime's CPU provider convolves fastest in: 16 with AVX-512, 8 with AVX2;
 * undefined where this CPU or this build of onnxruntime has no such layout.
 */
export function channelBlock(): Promise<number | undefined> {
  known ??= measure();
  return known;
}

async function measure(): Promise<number | undefined> {
  try {
    const block = await probe();
    return block > 1 ? block : undefined;
  } catch {
    return undefined; // the operators are onnxruntime's own, and another build may lack them
  }
}

async function probe(): Promise<number> {
  const { input, model, blockOf } = blockProbe;
  const options = sessionOptions({ provider: 'cpu', threads: 1 });
  const session = await ort.InferenceSession.create(model(), options);
  try {
    const { output } = await session.run({ input: new ort.Tensor('float32', input.data, input.shape) });
    return blockOf(output!.data as Float32Array);
  } finally {
    await session.release();
  }
}
