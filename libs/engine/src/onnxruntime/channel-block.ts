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
  const { input, model, blockOf } = blockProbe;
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(model(), sessionOptions({ provider: 'cpu', threads: 1 }));
  } catch {
    return undefined; // the operators are onnxruntime's own, and another build may lack them
  }
  const { output } = await session.run({ input: new ort.Tensor('float32', input.data, input.shape) });
  await session.release();
  const block = blockOf(output!.data as Float32Array);
  return block > 1 ? block : undefined;
}
