import type { Tensor } from '#graph';
import { NetworkError, deriveChannelGroups, requireBoundedChannels } from '#network';
import { parameterShapes, type Family } from '#pruning';
import { BundleError } from './bundle-error.js';
import type { BundleManifest } from './manifest.js';
import { FOUR_ROWS, memberTensors, takeMembers } from './member-tensors.js';
import { TensorTaker } from './tensor-taker.js';
import { maskName, type faultIn } from './tensor-values.js';

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * A family's tensors by name: the shared weights under their own names, `mask/<group>` [channels] and what every member has
 * of its own.
 */
export function familyTensors({ network, parameters, mask, members }: Family): Tensors {
  const masks = Object.entries(mask).map(([group, data]): [string, Tensor] => [
    maskName(group),
    { shape: [data.length], data },
  ]);
  return { ...parameters, ...Object.fromEntries(masks), ...memberTensors(network, members, FOUR_ROWS) };
}

/**
 * @param faultOf what is wrong with a tensor's values, where they are not among the tensors
 * @throws BundleError when a tensor is missing, superfluous or of another shape than the manifest's network wants, a mask
 * does not descend, or a value of it or of BatchNorm is not finite.
 */
export function familyOf(
  { network, members: entries }: BundleManifest,
  tensors: Tensors,
  faultOf?: typeof faultIn,
): Family {
  return fitting(() => {
    requireBoundedChannels(network);
    const taker = new TensorTaker(tensors, faultOf);
    const parameters = Object.fromEntries(
      Object.entries(parameterShapes(network)).map(([name, shape]) => [name, taker.take(name, shape)]),
    );
    const mask = Object.fromEntries(
      deriveChannelGroups(network).groups.map(({ name, channels }) => [
        name,
        taker.takeChecked(maskName(name), [channels]).data,
      ]),
    );
    const members = takeMembers(network, entries, taker, FOUR_ROWS);
    taker.finish();
    return { network, parameters, mask, members };
  });
}

/** @throws BundleError in place of a NetworkError */
export function fitting<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof NetworkError)) throw cause;
    throw new BundleError(`the manifest describes no family: ${cause.message}`, { cause });
  }
}
