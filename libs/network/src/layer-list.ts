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

  /** Global average pool and one dense layer. */
  classify(input: string, classes: number): void {
    const pool = this.add({ kind: 'global-average-pool', name: 'pool', input });
    this.add({ kind: 'dense', name: 'classifier', input: pool, outFeatures: classes });
  }
}

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
  throw new NetworkError(`${family} width multiplier ${widthMultiplier} leaves a stage without channels`);
}
