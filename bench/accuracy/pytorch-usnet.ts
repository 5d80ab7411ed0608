import path from 'node:path';
import type { DatasetFiles, ImageDataset } from '#datasets';
import { costOf, resNet, sliceNetwork, type Cost, type Widths } from '#network';
import { solveUniformWidths } from '#pruning';
import { PEER_SCRIPT, type PyTorchPeer } from '../engine/pytorch-peer.js';
import { digestOfCode } from './code-digest.js';
import { inProgram, type PerformRun } from './run-process.js';
import type { RunOptions, RunSettings } from './run-settings.js';
import { trainingMacsOf } from './training-macs.js';

const FOLDER = path.dirname(PEER_SCRIPT);
const SCRIPT = path.join(FOLDER, 'pytorch_usnet.py');
const CODE = ['pytorch_usnet.py', 'usnet_images.py', 'usnet_network.py', 'usnet_training.py'];

/** glibc gives large blocks back to the system and gets them anew, cleared, in every step: 6 % of a step. */
const KEEP_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 30),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 32),
  MALLOC_TOP_PAD_: String(2 ** 28),
};

export interface PyTorchRunSettings extends RunSettings {
  /** All that Isochron's code decides of such a run, ratios ascending. */
  readonly widths: readonly RatioWidths[];
  /** Whether every width has scales and shifts of its own, as Isochron's have, or the leading ones of the largest. */
  readonly privateBatchNorm: boolean;
}

/** One of the networks that share weights: kept channels by group, and their cost. */
interface RatioWidths extends Cost {
  readonly ratio: number;
  readonly groups: Widths;
}

/**
 * Settings of the peer that trains what `uniform` trains. Isochron's code matters to them by the widths alone.
 * @throws RangeError where the first ratio is not that of the dense network; UnreachableRatioError
 */
export function pyTorchSettings(
  uniform: RunSettings,
  { torch, python }: PyTorchPeer,
  data: Pick<ImageDataset, 'input' | 'classes'>,
): PyTorchRunSettings {
  const { network, dataset, ratios, untrainedRatios, options, cpuClass } = uniform;
  return {
    ...{ network, dataset, ratios, untrainedRatios, options, cpuClass },
    widths: uniformWidths(uniform, data),
    engine: {
      name: 'pytorch',
      provider: 'cpu',
      version: torch,
      python,
      threads: uniform.engine['threads']!,
      code: digestOfCode(FOLDER, CODE),
    },
    privateBatchNorm: true,
  };
}

/**
 * A run of the peer.
 * @throws RangeError for options that it does not have
 */
export function pyTorchRun({ file }: PyTorchPeer, { seed, settings, files, data }: PyTorchOrder): PerformRun {
  const { dataset, engine, widths, privateBatchNorm } = settings;
  const options = plainOptions(settings);
  const shown = { trainImages: dataset.trainImages, options: settings.options };
  const argument = {
    ...{ seed, ...options, ...settings.network, privateBatchNorm, widths, classes: data.classes },
    ...{ threads: engine['threads'], paths: files.paths },
    ...{ trainImages: dataset.trainImages, testImages: dataset.testImages },
    trainingMacs: trainingMacsOf(
      'pytorch-usnet',
      widths.map(({ macs }) => macs),
      shown,
    ),
  };
  return inProgram(file, [SCRIPT, JSON.stringify(argument)], KEEP_MEMORY);
}

interface PyTorchOrder {
  readonly seed: number;
  readonly settings: PyTorchRunSettings;
  readonly files: DatasetFiles;
  readonly data: Pick<ImageDataset, 'classes'>;
}

function uniformWidths(
  settings: RunSettings,
  { input, classes }: Pick<ImageDataset, 'input' | 'classes'>,
): RatioWidths[] {
  const { ratios, options } = settings;
  if (ratios[0] !== 0)
    throw new RangeError('the PyTorch peer warms up the dense network: ratio 0 has to be first');
  const network = resNet({ ...settings.network, input, classes });
  return ratios.map((ratio) => {
    const groups = solveUniformWidths(network, ratio, options);
    return { ratio, groups, ...costOf(sliceNetwork(network, groups)) };
  });
}

/** The options that the peer has. */
function plainOptions({ options }: RunSettings): Record<string, unknown> {
  const entries = Object.entries(options).filter(([name]) => !TOLD_OTHERWISE.has(name));
  const unknown = entries.filter(([name, value]) => !KNOWN.has(name) && value !== undefined && value !== 0);
  if (unknown.length === 0) return Object.fromEntries(entries.filter(([name]) => KNOWN.has(name)));
  throw new RangeError(`the PyTorch peer does not have ${unknown.map(([name]) => name).join(', ')}`);
}

const KNOWN: ReadonlySet<string> = new Set<keyof RunOptions>([
  ...(['batchSize', 'learningRate', 'momentum', 'weightDecay', 'distillationWeight'] as const),
  ...(['recalibrationBatches', 'warmupEpochs', 'jointEpochs', 'labelSmoothing'] as const),
]);
/** In the widths, or without effect where there is no mask phase. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set<keyof RunOptions>([
  ...(['minChannels', 'channelMultiple', 'maskLearningRate'] as const),
]);
