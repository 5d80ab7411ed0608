import { Command, InvalidArgumentError, Option } from 'commander';
import { ImageInput, Ratio, TrainingOptions } from '#contracts';
import { KNOWN_NETWORKS } from './network-argument.js';

export interface PlanOptions {
  readonly network?: string;
  readonly bundle?: string;
  readonly ratios: readonly number[];
  readonly input: ImageInput;
  readonly classes: number;
  readonly widthMultiplier?: number;
  readonly form?: string;
  readonly minChannels: number;
  readonly channelMultiple: number;
  readonly json?: true;
}

const DESCRIPTION =
  'Prints what pruning would do to a network before anything runs: channel groups, kept channels, MACs and parameters at ' +
  'every ratio. Nothing is learned yet, so every group keeps the same share of its channels; with --bundle the plan is the ' +
  'one that a training learned.';

const EXAMPLES = `
Networks: ${KNOWN_NETWORKS.join(', ')}, or a JSON description (docs/networks.md).

Examples:
  npm run plan -- --network resnet20 --ratios 0,.3,.5,.7
  npm run plan -- --network mobilenetv2 --form imagenet --input 3x224x224 --classes 1000
  npm run plan -- --network docs/examples/dense-blocks.json --json
  npm run plan -- --bundle digits.bundle`;

/** The command with its options, not yet parsed. */
export function planCommand(): Command {
  const { minChannels, channelMultiple } = TrainingOptions.parse({});
  const only = (option: Option) => option.conflicts(['bundle']);
  return new Command('npm run plan --')
    .description(DESCRIPTION)
    .addOption(only(new Option('--network <name|file>', 'a known network, or the file of a description')))
    .option('--bundle <file>', 'a trained bundle, whose learned plan is printed')
    .addOption(
      only(new Option('--ratios <list>', 'ascending pruning ratios, separated by commas'))
        .argParser(ratios)
        .default([0, 0.3, 0.5, 0.7], '0,0.3,0.5,0.7'),
    )
    .addOption(
      only(new Option('--input <CxHxW>', 'channels, height and width of the images'))
        .argParser(imageInput)
        .default({ channels: 3, height: 32, width: 32 }, '3x32x32'),
    )
    .addOption(only(new Option('--classes <n>', 'classes')).argParser(wholeNumber(2, 100_000)).default(10))
    .addOption(only(new Option('--width-multiplier <x>', 'multiplies the channels')).argParser(multiplier))
    .addOption(only(new Option('--form <form>', 'of a MobileNet: small or imagenet (default: small)')))
    .addOption(
      only(new Option('--min-channels <n>', 'every group keeps this many at least'))
        .argParser(wholeNumber(1, 4096))
        .default(minChannels),
    )
    .addOption(
      only(new Option('--channel-multiple <n>', 'kept channels are rounded up to a multiple of this'))
        .argParser(wholeNumber(1, 64))
        .default(channelMultiple),
    )
    .option('--json', 'print the plan as JSON')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false)
    .showHelpAfterError('(--help lists the options)');
}

function ratios(text: string): number[] {
  const values = text.split(',').map(numberIn);
  const fits = (value: number, i: number) =>
    Ratio.safeParse(value).success && (i === 0 || value > values[i - 1]!);
  if (values.length <= 50 && values.every(fits)) return values;
  throw new InvalidArgumentError(
    'expected ascending numbers from 0 to 0.95 without duplicates, separated by commas, 50 at most',
  );
}

function imageInput(text: string): ImageInput {
  const [channels, height, width] = (/^(\d+)x(\d+)x(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  const parsed = ImageInput.safeParse({ channels, height, width });
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('expected 1 to 16 channels and sides of 8 to 512 pixels, as in 3x32x32');
}

function multiplier(text: string): number {
  const value = numberIn(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('expected a positive number');
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}`);
  };
}

/** NaN for anything but a plain decimal number. */
const numberIn = (text: string): number => (/^(\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : NaN);
