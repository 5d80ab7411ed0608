import { fashionMnistPaths, loadDataset, type DatasetFiles, type ImageDataset } from '#datasets';
import { createExecutor } from '#engine';
import { cpuClass, isochronRelease } from '#runtime';
import type { OwnMethod } from './accuracy-run.js';
import { codeDigest } from './code-digest.js';
import type { OwnRunSettings } from './run-settings.js';
import { FULL_SCALE, QUICK_SCALE, type Scale } from './scale.js';

/** One process with one thread for each core trains more than one with as many threads. */
const THREADS = 1;

/** What all of Isochron's own runs share. */
export interface RunContext extends Pick<OwnRunSettings, 'engine' | 'cpuClass' | 'isochron' | 'code'> {
  readonly scale: Scale;
  readonly files: DatasetFiles;
  readonly data: Pick<ImageDataset, 'input' | 'classes' | 'digest'>;
}

/** Fashion-MNIST on this machine. @throws DatasetError where it is not installed */
export async function runContext(quick: boolean): Promise<RunContext> {
  const files = { format: 'idx' as const, paths: { ...(await fashionMnistPaths()) } };
  const { info } = await createExecutor('onnxruntime', { provider: 'cpu', threads: THREADS });
  return {
    ...{ files, data: await loadDataset(files), engine: { ...info } },
    ...{ cpuClass: cpuClass(), isochron: isochronRelease(), code: codeDigest() },
    scale: quick ? QUICK_SCALE : FULL_SCALE,
  };
}

/** What the runs of a method are given. */
export function settingsOf(context: RunContext, method: OwnMethod): OwnRunSettings {
  const { scale, data, engine, cpuClass, isochron, code } = context;
  const { network, ratios, untrainedRatios, trainImages, testImages, options } = scale;
  return {
    ...{ network, ratios, engine, cpuClass, isochron, code },
    dataset: { digest: data.digest, trainImages, testImages },
    untrainedRatios: method === 'all-in-one' ? untrainedRatios : [],
    options: options[method],
  };
}
