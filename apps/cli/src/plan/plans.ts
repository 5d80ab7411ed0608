import { BundleError, readBundle } from '#bundle';
import { AppError } from '#contracts';
import { solveUniformWidths, UnreachableRatioError } from '#pruning';
import { networkOf } from '#service';
import type { PlanOptions } from './command-line.js';
import { networkArgument } from './network-argument.js';
import { CommandError } from '../command-error.js';
import { pruningPlan, type PruningPlan } from './pruning-plan.js';
import { readFileOf } from '../read-file.js';

/** The plan before training: the widest uniform widths that meet each ratio. */
export async function planOfNetwork(options: PlanOptions): Promise<PruningPlan> {
  const { ratios, input, classes, minChannels, channelMultiple, widthMultiplier, form } = options;
  if (options.network === undefined)
    throw new CommandError('expected --network or --bundle (--help lists the options)');
  const spec = await networkArgument(options.network, { widthMultiplier, form });
  const constraints = { minChannels, channelMultiple };
  try {
    const network = networkOf(spec, input, classes);
    const members = ratios.map((ratio) => ({
      ratio,
      widths: solveUniformWidths(network, ratio, constraints),
    }));
    return pruningPlan({ network, members, widths: 'uniform', constraints });
  } catch (error) {
    const isUsers = error instanceof AppError || error instanceof UnreachableRatioError;
    throw isUsers ? new CommandError(`${options.network}: ${error.message}`) : error;
  }
}

/** The plan that a bundle's training learned. */
export async function planOfBundle({ bundle }: PlanOptions): Promise<PruningPlan> {
  const bytes = await readFileOf(bundle!);
  try {
    const { network, members } = readBundle(bytes).family;
    return pruningPlan({ network, members, widths: 'learned' });
  } catch (error) {
    throw error instanceof BundleError ? new CommandError(`${bundle} is no bundle: ${error.message}`) : error;
  }
}
