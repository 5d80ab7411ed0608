import type { ImageInput, NetworkSpec } from '#contracts';
import { resNet, type Network } from '#network';

/** The network that a request describes, for images and classes of a dataset (or of a measuring task). */
export function networkOf(spec: NetworkSpec, input: ImageInput, classes: number): Network {
  const { depth, widthMultiplier } = spec;
  return resNet({ depth, widthMultiplier, input, classes });
}
