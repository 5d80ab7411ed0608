export * from './network.js';
export { deriveShapes, type Shapes } from './shapes.js';
export { deriveChannelGroups, type ChannelGroup, type ChannelGroups } from './channel-groups.js';
export { denseWidths, sliceNetwork, type Widths } from './widths.js';
export { costOf, type Cost } from './cost.js';
export { resNet, type ResNetOptions } from './resnet.js';
