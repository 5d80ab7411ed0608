import { encodeModel } from '../encode-model.js';
import { NCHWC_DOMAIN } from './blocked-emitter.js';

/** More channels than any block has. */
const CHANNELS = 64;

/** A model that shows how many channels the CPU at hand keeps in a block: feed it `input`, read its one output. */
export const blockProbe = {
  /** [1, channels, 1, 2], counting up: the two pixels of a channel are an even number and the next one. */
  input: {
    shape: [1, CHANNELS, 1, 2],
    data: Float32Array.from({ length: CHANNELS * 2 }, (_, index) => index),
  },
  model: (): Uint8Array =>
    encodeModel({
      name: 'block-probe',
      producer: 'isochron',
      opsets: new Map([
        ['', 17],
        [NCHWC_DOMAIN, 1],
      ]),
      nodes: [
        {
          type: 'ReorderInput',
          domain: NCHWC_DOMAIN,
          inputs: ['input'],
          outputs: ['output'],
          attributes: {},
        },
      ],
      initializers: [],
      inputs: [{ name: 'input', shape: [1, CHANNELS, 1, 2] }],
      outputs: [{ name: 'output', shape: [1, CHANNELS, 1, 2] }],
    }),
  /** The second pixel of channel 0 stands behind the first pixels of a block's channels. */
  blockOf: (output: Float32Array): number => output.indexOf(1),
} as const;
