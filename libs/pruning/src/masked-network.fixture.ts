import fc from 'fast-check';
import type { Tensor } from '#graph';
import { denseWidths, deriveChannelGroups, sliceNetwork, type Network } from '#network';
import type { BatchNormState, Subnet } from './index.js';
import { initialParameters } from './initialise.js';
import { batchNormLayouts, parameterLayouts, scaleName, shiftName, type Parameters } from './parameters.js';
import { randomGenerator } from './random-generator.js';
import { selectChannels, type Selection } from './select-channels.js';

/** 1 for a kept channel, 0 for a removed one, by group. */
export type Keep = Readonly<Record<string, Float32Array>>;

/** Images of every batch. */
export const BATCH = 3;

export type RandomModel = ReturnType<typeof randomModel>;

/** Everything random, BatchNorm too: identities would hide what is in the wrong order. */
export function randomModel(network: Network, seed: number) {
  const random = randomGenerator(seed);
  const around = (centre: number, length: number) =>
    Float32Array.from({ length }, () => centre + 0.3 * random.normal());
  const scalesAndShifts: Parameters = {};
  const batchNorm: BatchNormState = {};
  for (const layout of batchNormLayouts(network)) {
    const channels = layout.axes[0]!.size;
    const centre = layout.kind === 'scale' ? 1 : 0;
    scalesAndShifts[layout.name] = { shape: [channels], data: around(centre, channels) };
  }
  for (const { name, kind } of network.layers) {
    if (kind !== 'batch-norm') continue;
    const scale = scalesAndShifts[scaleName(name)]!.data;
    batchNorm[name] = {
      scale,
      shift: scalesAndShifts[shiftName(name)]!.data,
      mean: around(0, scale.length),
      variance: around(1, scale.length).map(Math.abs),
    };
  }
  const { channels, height, width } = network.input;
  const images: Tensor = {
    shape: [BATCH, channels, height, width],
    data: around(0, BATCH * channels * height * width),
  };
  const mask = Object.fromEntries(
    deriveChannelGroups(network).groups.map((group) => [group.name, around(1, group.channels)]),
  );
  return { parameters: initialParameters(network, seed), scalesAndShifts, batchNorm, images, mask };
}

export const keptOf = (keep: Keep): Selection =>
  Object.fromEntries(
    Object.entries(keep).map(([group, bits]) => [
      group,
      [...bits.keys()].filter((channel) => bits[channel] === 1),
    ]),
  );

/** The subnet with the selected channels, physically small. */
export function selectSubnet(network: Network, model: RandomModel, selection: Selection): Subnet {
  const kept = mapValues(selection, (channels) => channels.length);
  const batchNorm = mapValues(model.batchNorm, (values) => values);
  for (const layout of batchNormLayouts(network)) {
    if (layout.kind !== 'scale') continue;
    const layer = layout.name.slice(0, -scaleName('').length);
    const pick = (data: Float32Array) =>
      selectChannels({ [layout.name]: { shape: [data.length], data } }, [layout], selection)[layout.name]!
        .data;
    const { scale, shift, mean, variance } = model.batchNorm[layer]!;
    batchNorm[layer] = { scale: pick(scale), shift: pick(shift), mean: pick(mean), variance: pick(variance) };
  }
  return {
    network: sliceNetwork(network, { ...denseWidths(network), ...kept }),
    parameters: selectChannels(model.parameters, parameterLayouts(network), selection),
    batchNorm,
  };
}

/** @param tolerance of the largest expected value */
export function expectClose(actual: Float32Array, expected: Float32Array, tolerance: number) {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  expect(worst).toBeLessThanOrEqual(tolerance * largest);
}

export const keepBits = (network: Network) =>
  fc.record(
    Object.fromEntries(
      deriveChannelGroups(network).groups.map(({ name, channels }) => [
        name,
        fc
          .array(fc.constantFrom(0, 1), { minLength: channels, maxLength: channels })
          .map((bits) => Float32Array.from(bits.includes(1) ? bits : [1, ...bits.slice(1)])),
      ]),
    ),
  );

export const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
