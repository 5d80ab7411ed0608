import type { BatchOptions, DatasetFiles } from '#datasets';
import type { ExecutorInfo, ExecutorName } from '#engine';
import type { TrainFamilyOptions } from '#pruning';
import type { OwnMethod } from './accuracy-run.js';

/**
 * What a run's figures depend on besides its method, its seed and the code that trains. Finished runs are found again by a
 * digest of it, so it holds nothing that changes no figure.
 */
export interface RunSettings {
  readonly network: { readonly depth: number; readonly widthMultiplier: number };
  readonly dataset: {
    readonly digest: string;
    readonly trainImages: number;
    readonly testImages: number;
    /** Training images from this row on stand in for the test images; absent where those are used. */
    readonly heldOutFrom?: number;
  };
  /** Trained ratios, ascending. */
  readonly ratios: readonly number[];
  /** Solved and recalibrated after training; of `all-in-one` alone. */
  readonly untrainedRatios: readonly number[];
  readonly options: RunOptions;
  /** What computes: its name, version and threads. */
  readonly engine: Readonly<Record<string, string | number>>;
  readonly cpuClass: string;
}

export type RunOptions = Omit<TrainFamilyOptions, 'seed'> & Pick<BatchOptions, 'augmentation'>;

/** Settings of a run of Isochron's own. */
export interface OwnRunSettings extends RunSettings {
  readonly engine: { readonly [Field in keyof ExecutorInfo]: ExecutorInfo[Field] } & {
    readonly name: ExecutorName;
  };
  /** The release alone: what differs within one is told by `code`. */
  readonly isochron: string;
  /** Digest of the code: that of a version changes from day to day. */
  readonly code: string;
}

/** What the process of a run is told. */
export interface RunOrder {
  readonly method: OwnMethod;
  readonly seed: number;
  readonly settings: OwnRunSettings;
  /** Where the dataset lies; its digest is among the settings. */
  readonly files: DatasetFiles;
}

/** Epochs of a run altogether: of each of its networks where the method is `independent`. */
export const epochsOf = ({ warmupEpochs, maskEpochs, jointEpochs }: RunOptions): number =>
  warmupEpochs + maskEpochs + jointEpochs;
