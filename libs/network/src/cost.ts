import { groupCountOf, inputsOf, type Layer, type Network } from './network.js';
import { deriveShapes, type Shapes } from './shapes.js';

/** Multiply-accumulates of one image's forward pass, and trainable parameters. */
export interface Cost {
  readonly macs: number;
  readonly parameters: number;
}

/** Counts convolutions and dense layers (MACs), and their weights, biases and BatchNorm scale and shift (parameters). */
export function costOf(network: Network): Cost {
  let macs = 0;
  let parameters = 0;
  for (const cost of layerCosts(network).values()) {
    macs += cost.macs;
    parameters += cost.parameters;
  }
  return { macs, parameters };
}

/** What every layer adds to `costOf`, by name. */
export function layerCosts(network: Network): ReadonlyMap<string, Cost> {
  const shapes = deriveShapes(network);
  return new Map(network.layers.map((layer) => [layer.name, costOfLayer(layer, shapes)]));
}

function costOfLayer(layer: Layer, shapes: Shapes): Cost {
  const input = shapes.get(inputsOf(layer)[0]!)!;
  const output = shapes.get(layer.name)!;
  switch (layer.kind) {
    case 'conv': {
      const perFilter = (input.channels / groupCountOf(layer, input.channels)) * layer.kernel ** 2;
      const weights = layer.outChannels * perFilter;
      return { macs: weights * output.height * output.width, parameters: weights };
    }
    case 'dense': {
      const weights = input.channels * layer.outFeatures;
      return { macs: weights, parameters: weights + layer.outFeatures };
    }
    case 'batch-norm':
      return { macs: 0, parameters: 2 * output.channels };
    default:
      return { macs: 0, parameters: 0 };
  }
}
