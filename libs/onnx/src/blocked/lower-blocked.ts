import type { GraphNode } from '#graph';
import type { BlockedEmitter } from './blocked-emitter.js';
import { channelAffine } from './channel-affine.js';
import { conv2d, conv2dInputGradient } from './convolution.js';
import { binary, relu, reluGradient } from './elementwise.js';
import { conv2dFilterGradient } from './filter-gradient.js';
import { broadcastTo, pool, reduce } from './reduce.js';

/** Writes one node over blocked images; false, and nothing written, where the plain layout serves it better. */
export function lowerBlocked(node: GraphNode, emitter: BlockedEmitter): boolean {
  switch (node.op) {
    case 'conv2d':
      return conv2d(node, emitter);
    case 'conv2dInputGradient':
      return conv2dInputGradient(node, emitter);
    case 'conv2dFilterGradient':
      return conv2dFilterGradient(node, emitter);
    case 'channelAffine':
      return channelAffine(node, emitter);
    case 'add':
    case 'sub':
    case 'mul':
      return binary(node, emitter);
    case 'relu':
    case 'relu6':
      return relu(node, emitter);
    case 'reluGradient':
    case 'relu6Gradient':
      return reluGradient(node, emitter);
    case 'reduceMean':
    case 'reduceSum':
      return reduce(node, emitter);
    case 'broadcastTo':
      return broadcastTo(node, emitter);
    case 'maxPool':
    case 'averagePool':
      return pool(node, emitter);
    default:
      return false;
  }
}
