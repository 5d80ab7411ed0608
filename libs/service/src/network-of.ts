import { AppError, type ImageInput, type NetworkSpec } from '#contracts';
import {
  NetworkError,
  costOf,
  customNetwork,
  imageNetResNet,
  mobileNetV1,
  mobileNetV2,
  resNet,
  vgg16,
  type Network,
} from '#network';

/** Float32 weights of 400 MB: what processes that hold several copies of them still bear. */
const MAX_PARAMETERS = 100_000_000;
const IMAGENET_DEPTHS: readonly number[] = [18, 34, 50];

/**
 * The network that a request describes, for images and classes of a dataset (or of a measuring task).
 * @throws AppError network_invalid naming the layer at fault by its place, or `network`
 */
export function networkOf(spec: NetworkSpec, input: ImageInput, classes: number): Network {
  const network = orInvalid(spec, input, () => built(spec, input, classes));
  const { parameters } = costOf(network);
  if (parameters <= MAX_PARAMETERS) return network;
  const expected = `at most ${MAX_PARAMETERS} parameters`;
  throw new AppError(
    'network_invalid',
    `network "${network.name}" has ${parameters} parameters, expected ${expected}`,
    {
      fields: [{ field: 'network', value: network.name, expected }],
    },
  );
}

function built(spec: NetworkSpec, input: ImageInput, classes: number): Network {
  const shape = { input, classes };
  switch (spec.family) {
    case 'resnet': {
      const { depth, widthMultiplier } = spec;
      const build = IMAGENET_DEPTHS.includes(depth) ? imageNetResNet : resNet;
      return build({ ...shape, depth, widthMultiplier });
    }
    case 'vgg':
      return vgg16({ ...shape, widthMultiplier: spec.widthMultiplier });
    case 'mobilenetv1':
      return mobileNetV1({ ...shape, widthMultiplier: spec.widthMultiplier, form: spec.form });
    case 'mobilenetv2':
      return mobileNetV2({ ...shape, widthMultiplier: spec.widthMultiplier, form: spec.form });
    case 'custom':
      return customNetwork({ ...shape, ...spec.description });
  }
}

function orInvalid(spec: NetworkSpec, input: ImageInput, build: () => Network): Network {
  try {
    return build();
  } catch (cause) {
    if (!(cause instanceof NetworkError)) throw cause;
    const { channels, height, width } = input;
    const expected = `a network that fits images of ${channels}x${height}x${width}`;
    const field = { ...placeOf(spec, cause.layer), expected };
    throw new AppError('network_invalid', cause.message, { fields: [field], cause });
  }
}

function placeOf(spec: NetworkSpec, layer: string | undefined): { field: string; value: string } {
  if (spec.family !== 'custom') return { field: 'network', value: spec.family };
  const { name, layers } = spec.description;
  // A name used twice is the later one's fault.
  const index = layers.findLastIndex((each) => each.name === layer);
  if (layer === undefined || index < 0) return { field: 'network.description', value: name };
  return { field: `network.description.layers[${index}]`, value: layer };
}
