export * from './network.js';
export { deriveShapes, type Shapes } from './shapes.js';
export { requireBoundedChannels } from './total-channels.js';
export {
  deriveChannelGroups,
  type ChannelGroup,
  type ChannelGroups,
  type ChannelSegment,
} from './channel-groups.js';
export { denseWidths, keptChannels, sliceNetwork, type Widths } from './widths.js';
export { costOf, layerCosts, type Cost } from './cost.js';
export { resNet, type ResNetOptions } from './resnet.js';
export { imageNetResNet, type ImageNetResNetOptions } from './resnet-imagenet.js';
export { vgg16, type VggOptions } from './vgg.js';
export type { ImageForm } from './layer-list.js';
export { mobileNetV1, type MobileNetV1Options } from './mobilenet-v1.js';
export { customNetwork, type CustomNetworkOptions, type LayerDescription } from './custom-network.js';
export { mobileNetV2, type MobileNetV2Options } from './mobilenet-v2.js';
