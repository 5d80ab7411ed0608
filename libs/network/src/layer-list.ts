import { NetworkError, type ConvLayer, type Layer } from './network.js';

interface ConvOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: ConvLayer['groups'];
}

/** Layers of a network being built. What adds some returns the name of the last, for the next one to read. */
export class LayerList {
  readonly layers: Layer[] = [];

  add(layer: Layer): string {
    this.layers.push(layer);
    return layer.name;
  }

  /** A convolution whose padding keeps the image's size at stride 1, and its BatchNorm `<name>.bn`. */
  convBn(name: string, input: string, { channels, kernel, stride = 1, groups }: ConvOptions): string {
    const padding = (kernel - 1) / 2;
    const conv = { kind: 'conv', name, input, outChannels: channels, kernel, stride, padding } as const;
    this.add(groups === undefined ? conv : { ...conv, groups });
    return this.add({ kind: 'batch-norm', name: `${name}.bn`, input: name });
  }

  /** A convolution, its BatchNorm, and ReLU6 behind it as `<name>.relu`. */
  convBnRelu6(name: string, input: string, options: ConvOptions): string {
    const normalised = this.convBn(name, input, options);
    return this.add({ kind: 'relu', name: `${name}.relu`, input: normalised, max: 6 });
  }

  /** Global average pool and one dense layer. */
  classify(input: string, classes: number): void {
    const pool = this.add({ kind: 'global-average-pool', name: 'pool', input });
    this.add({ kind: 'dense', name: 'classifier', input: pool, outFeatures: classes });
  }
}

/** Which images a MobileNet is laid out for; the difference is in strides, and says nothing of sizes that are refused. */
export type ImageForm = 'small' | 'imagenet';

/**
 * Channels times the width multiplier, rounded to the nearest integer.
 * @throws NetworkError when nothing is left of one of them.
 */
export function scaleChannels(
  family: string,
  channels: readonly number[],
  widthMultiplier: number,
): number[] {
  const scaled = channels.map((each) => Math.round(each * widthMultiplier));
  if (scaled.every((each) => each >= 1)) return scaled;
  // Half a channel is rounded up to one.
  const least = 0.5 / Math.min(...channels);
  throw new NetworkError(
    `${family} width multiplier ${widthMultiplier} leaves a stage without channels: expected at least ${least}`,
  );
}

/**
 * Channels times the width multiplier as published MobileNetV2s round them: to the nearest multiple of 8, to the next one
 * where that takes away more than a tenth, and to 8 at least.
 */
export function scaleToMultipleOf8(channels: number, widthMultiplier: number): number {
  const exact = channels * widthMultiplier;
  const nearest = Math.max(8, Math.floor((exact + 4) / 8) * 8);
  return nearest < 0.9 * exact ? nearest + 8 : nearest;
}
