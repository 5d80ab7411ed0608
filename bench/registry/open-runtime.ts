import fs from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { DeviceRuntime } from '#edge';
import { RATIOS, imageOf, type NetworkFiles } from './runtime-networks.js';

/** A runtime on one thread with a point, named after it, for every ratio. */
export async function openRuntime({ bundle }: NetworkFiles): Promise<DeviceRuntime> {
  const points = RATIOS.map((ratio) => ({ name: String(ratio), ratio }));
  return DeviceRuntime.open({ bundle: await fs.readFile(bundle), points, threads: 1 });
}

/** A plain ONNX file in a session of its own, with the options that the runtime loads subnets with. */
export async function openPlain(
  file: string,
  { image }: Pick<NetworkFiles, 'image'>,
): Promise<{ run: () => Promise<Float32Array>; release: () => Promise<void> }> {
  const session = await InferenceSession.create(file, {
    ...{ intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' },
    graphOptimizationLevel: 'all',
  });
  const values = imageOf(image);
  return {
    run: async () => {
      const { logits } = await session.run({ input: new Tensor('float32', values, [1, ...image]) });
      return logits!.data as Float32Array;
    },
    release: () => session.release(),
  };
}
