import type { NodeOf } from '#graph';
import type { Attribute } from '../emitter.js';
import { NCHWC_DOMAIN, type BlockedEmitter, type Fused } from './blocked-emitter.js';

/** A 1x1 depthwise convolution, put off where its one reader can add or cut in the same pass. */
export function channelAffine(node: NodeOf<'channelAffine'>, emitter: BlockedEmitter): boolean {
  const [x, scale, shift] = node.inputs as [number, number, number | undefined];
  if (!emitter.isBlocked(x)) return false;
  scaleChannels(emitter, node.output, {
    x,
    scale: emitter.nameOf(scale),
    shift: shift === undefined ? undefined : emitter.nameOf(shift),
  });
  return true;
}

interface ChannelScaling {
  /** An image value. */
  readonly x: number;
  /** Names of tensors with one number per channel. */
  readonly scale: string;
  readonly shift?: string | undefined;
}

/** Makes `output` the blocked value `scale x + shift`. */
export function scaleChannels(emitter: BlockedEmitter, output: number, of: ChannelScaling): void {
  const channels = emitter.shapeOf(of.x)[1]!;
  const layout = emitter.layoutOf(of.x);
  const group = layout.fold * layout.depth;
  const vector = (name: string) => emitter.perSet(name, channels, layout);
  const make = ({ sum, activation }: Fused): string => {
    const images = emitter.blockedNameOf(of.x);
    const weights = emitter.reshape(vector(of.scale), [group, 1, 1, 1]);
    // An empty name stands for an absent input.
    const bias = of.shift === undefined ? [] : [vector(of.shift)];
    const inputs = sum === undefined ? bias : [bias[0] ?? '', sum];
    return emitter.emit('Conv', [images, weights, ...inputs], {
      domain: NCHWC_DOMAIN,
      attributes: { group, kernel_shape: [1, 1], ...activationAttributes(activation) },
    });
  };
  const reader = emitter.onlyReaderOf(output)?.op;
  if (reader === 'add' || reader === 'relu' || reader === 'relu6') emitter.defer(output, make);
  else emitter.setBlocked(output, make({}));
}

function activationAttributes(activation: Fused['activation']): Record<string, Attribute> {
  if (activation === undefined) return {};
  return activation === 'Relu'
    ? { activation: 'Relu' }
    : { activation: 'Clip', activation_params: { floats: [0, 6] } };
}
