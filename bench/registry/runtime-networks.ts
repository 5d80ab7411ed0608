import fs from 'node:fs/promises';
import path from 'node:path';
import { exportSubnet, readBundle, writeBundle } from '#bundle';
import { mobileNetV2, resNet, type Network } from '#network';
import { randomFamily } from '#pruning';

/** Four of them, as four models are what a team has without a bundle. */
export const RATIOS: readonly number[] = [0, 0.25, 0.5, 0.7];

/** Networks that a device switches between the subnets of, by the end of their rows' names. */
const NETWORKS = {
  resnet20: () => resNet({ depth: 20, input: { channels: 3, height: 32, width: 32 }, classes: 10 }),
  mobilenetv2: () =>
    mobileNetV2({ form: 'imagenet', input: { channels: 3, height: 224, width: 224 }, classes: 1000 }),
} as const satisfies Readonly<Record<string, () => Network>>;

/** What the processes of the benchmark load. */
export interface NetworkFiles {
  readonly bundle: string;
  /** Plain files of the same subnets, one per ratio. */
  readonly models: readonly string[];
  /** Values of one image, and its sides. */
  readonly image: readonly [channels: number, height: number, width: number];
}

/** Writes an untrained bundle of a network, which runs as a trained one does, and its subnets as plain ONNX files. */
export async function writeNetwork(name: keyof typeof NETWORKS, folder: string): Promise<NetworkFiles> {
  const network = NETWORKS[name]();
  const family = randomFamily(network, RATIOS, { minChannels: 4, channelMultiple: 4, seed: 1 });
  const file = path.join(folder, `${name}.bundle`);
  const bytes = writeBundle(family, {});
  await fs.writeFile(file, bytes);
  const bundle = readBundle(bytes);
  const models: string[] = [];
  for (const ratio of RATIOS) {
    const model = path.join(folder, `${name}-${ratio}.onnx`);
    await fs.writeFile(model, exportSubnet(bundle, ratio, { format: 'onnx', batch: 1 }).files[0]!.bytes);
    models.push(model);
  }
  const { channels, height, width } = network.input;
  return { bundle: file, models, image: [channels, height, width] };
}

/** An image of values within -1..1. */
export function imageOf(sides: NetworkFiles['image']): Float32Array {
  const size = sides.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: size }, (_, i) => Math.sin(0.37 * i));
}
