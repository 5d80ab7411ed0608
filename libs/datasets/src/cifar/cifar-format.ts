import { CIFAR_10_CLASSES, CIFAR_100_CLASSES } from './class-names.js';

/**
 * The binary versions of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): records of one label byte (CIFAR-100: the coarse
 * label, then the fine one) and 3072 bytes of pixels, `[3, 32, 32]`.
 */
export interface CifarLayout {
  readonly classNames: readonly string[];
  /** Bytes before the pixels; the last of them is the label. */
  readonly labelBytes: number;
  readonly trainFile: RegExp;
  readonly firstTrainFile: string;
  readonly testFile: string;
  /** For messages. */
  readonly expected: string;
}

export type CifarFormat = 'cifar-10' | 'cifar-100';

export const CIFAR_INPUT = { channels: 3, height: 32, width: 32 } as const;
export const CIFAR_PIXELS = 3 * 32 * 32;

export const CIFAR_LAYOUTS: Readonly<Record<CifarFormat, CifarLayout>> = {
  'cifar-10': {
    classNames: CIFAR_10_CLASSES,
    labelBytes: 1,
    trainFile: /^data_batch_[1-9][0-9]{0,2}\.bin$/,
    firstTrainFile: 'data_batch_1.bin',
    testFile: 'test_batch.bin',
    expected: 'data_batch_1.bin, data_batch_2.bin and so on, and test_batch.bin',
  },
  'cifar-100': {
    classNames: CIFAR_100_CLASSES,
    labelBytes: 2,
    trainFile: /^train\.bin$/,
    firstTrainFile: 'train.bin',
    testFile: 'test.bin',
    expected: 'train.bin and test.bin',
  },
};
