import { InferenceSession, Tensor } from 'onnxruntime-node';
import { exportSubnet, readBundle, readBundleWithAddenda, writeAddendum, writeBundle } from '#bundle';
import { resNet } from '#network';
import { randomFamily } from '#pruning';
import type { RuntimePoint } from './runtime-point.js';
import { AS_STORED } from './subnet-session.js';

export const RATIOS = [0, 0.3, 0.5, 0.7];
/** Of the addendum. */
export const ADDED = 0.4;

const network = resNet({ depth: 8, input: { channels: 1, height: 12, width: 12 }, classes: 5 });
const family = randomFamily(network, [...RATIOS, ADDED].sort(), {
  ...{ minChannels: 2, channelMultiple: 2, seed: 1 },
});
const published = family.members.filter(({ ratio }) => ratio !== ADDED);

export const bundle = writeBundle({ ...family, members: published }, {});
const { digest } = readBundle(bundle);
export const addendum = writeAddendum(family, { base: digest, ratios: [ADDED], metadata: {} });
/** Of another bundle. */
export const strangeAddendum = writeAddendum(family, {
  ...{ base: digest.replaceAll(/[0-7]/g, 'f'), ratios: [ADDED], metadata: {} },
});

/** An operating point for every ratio of the bundle, the faster the less is pruned. */
export const points: readonly RuntimePoint[] = RATIOS.map((ratio, index) => ({
  ...{ name: `p${index}`, cpuHz: [2e9, 1.5e9, 1e9, 0.5e9][index]!, ratio },
}));

/** An image of its own for every seed. */
export const image = (seed: number, count = 1): Float32Array =>
  Float32Array.from({ length: count * 144 }, (_, i) => Math.sin(seed + 0.37 * i));

/** A session whose kernels add in the order in which those of the runtime do: outputs are equal to the bit. */
export const plainSession = (model: Uint8Array): Promise<InferenceSession> =>
  InferenceSession.create(model, { intraOpNumThreads: 1, extra: { session: AS_STORED } });

/** What the subnet of a ratio gives as a file of its own, in a session of its own. */
export async function plainSessions(): Promise<
  (ratio: number, images: Float32Array) => Promise<Float32Array>
> {
  const whole = readBundleWithAddenda(bundle, [addendum]);
  const sessions = new Map<number, InferenceSession>();
  for (const { ratio } of whole.family.members) {
    const { files } = exportSubnet(whole, ratio, { format: 'onnx', batch: 'dynamic' });
    sessions.set(ratio, await plainSession(files[0]!.bytes));
  }
  return async (ratio, images) => {
    const input = new Tensor('float32', images, [images.length / 144, 1, 12, 12]);
    const { logits } = await sessions.get(ratio)!.run({ input });
    return logits!.data as Float32Array;
  };
}
