import { Option, type Command } from 'commander';
import { wholeNumber } from '../option-values.js';

export interface InferOptions {
  readonly folder: string;
  /** A file of float32 values, or `random`. */
  readonly images: string;
  /** Runs; left out: 10, or until asked to stop with `follow`. */
  readonly count: number | undefined;
  readonly point: string | undefined;
  readonly follow: boolean;
  /** Milliseconds between runs. */
  readonly interval: number;
  readonly threads: number;
  readonly json: boolean;
  readonly sysfs: string;
}

export function inferCommand(program: Command, choose: (options: InferOptions) => void): void {
  program
    .command('infer')
    .description('run the model of a folder that "pull" filled, by the subnet of an operating point')
    .requiredOption('--folder <path>', 'what "pull" filled; what it changes meanwhile is taken in')
    .option(
      '--images <file>',
      'images [n, channels, height, width] as little-endian float32 values, taken in turns; or "random"',
      'random',
    )
    .option(
      '--count <n>',
      'so many runs of one image (default: 10, with --follow no end)',
      wholeNumber(1, 1e9),
    )
    .option('--point <name>', 'the operating point whose subnet runs (default: the first)')
    .addOption(
      new Option('--follow', "run at the operating point that the device's clocks are nearest to")
        .conflicts('point')
        .default(false),
    )
    .option('--interval <ms>', 'pause between runs', wholeNumber(0, 3_600_000), 0)
    .option('--threads <n>', 'threads that the network runs on', wholeNumber(1, 64), 1)
    .option('--json', 'lines of JSON', false)
    .option('--sysfs <path>', 'where the kernel shows its clocks', '/sys')
    .action(choose);
}
