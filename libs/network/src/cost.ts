import { groupCountOf, inputsOf, type Network } from './network.js';
import { deriveShapes } from './shapes.js';

/** Multiply-accumulates of one image's forward pass, and trainable parameters. */
export interface Cost {
  readonly macs: number;
  readonly parameters: number;
}

/** Counts convolutions and dense layers (MACs), and their weights, biases and BatchNorm scale and shift (parameters). */
export function costOf(network: Network): Cost {
  const shapes = deriveShapes(network);
  let macs = 0;
  let parameters = 0;
  for (const layer of network.layers) {
    const input = shapes.get(inputsOf(layer)[0]!)!;
    const output = shapes.get(layer.name)!;
    if (layer.kind === 'conv') {
      const perFilter = (input.channels / groupCountOf(layer, input.channels)) * layer.kernel ** 2;
      const weights = layer.outChannels * perFilter;
      macs += weights * output.height * output.width;
      parameters += weights;
    } else if (layer.kind === 'dense') {
      macs += input.channels * layer.outFeatures;
      parameters += input.channels * layer.outFeatures + layer.outFeatures;
    } else if (layer.kind === 'batch-norm') {
      parameters += 2 * output.channels;
    }
  }
  return { macs, parameters };
}
