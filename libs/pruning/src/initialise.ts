import type { Network } from '#network';
import { batchNormLayouts, parameterLayouts, shapeOf, type Layout, type Parameters } from './parameters.js';
import { randomGenerator } from './random-generator.js';

/**
 * Random weights: convolutions after He et al. 2015, equation 10 (variance 2 / fan-in); the classifier, which no relu
 * follows, with variance 1 / fan-in; biases 0.
 */
export function initialParameters(network: Network, seed: number): Parameters {
  const random = randomGenerator(seed);
  const parameters: Parameters = {};
  for (const layout of parameterLayouts(network)) {
    const shape = shapeOf(layout);
    const deviation = initialDeviation(layout, shape);
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (deviation > 0) for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
    parameters[layout.name] = { shape, data };
  }
  return parameters;
}

/** BatchNorm's scale 1 and shift 0 for every channel. */
export function initialScaleAndShift(network: Network): Parameters {
  return Object.fromEntries(
    batchNormLayouts(network).map((layout) => {
      const shape = shapeOf(layout);
      return [
        layout.name,
        { shape, data: new Float32Array(shape[0]!).fill(layout.kind === 'scale' ? 1 : 0) },
      ];
    }),
  );
}

function initialDeviation(layout: Layout, shape: readonly number[]): number {
  if (layout.kind !== 'weight') return 0;
  const [first, inChannels, height, width] = shape;
  return shape.length === 4 ? Math.sqrt(2 / (inChannels! * height! * width!)) : Math.sqrt(1 / first!);
}
