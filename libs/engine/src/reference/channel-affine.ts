import type { Kernel } from './kernel.js';
import { forEachCoordinate } from './tensor64.js';

export const channelAffine: Kernel<'channelAffine'> = (_, [x, scale, shift], output) => {
  forEachCoordinate(x!.shape, (coordinate, flat) => {
    const channel = coordinate[1]!;
    output.data[flat] = x!.data[flat]! * scale!.data[channel]! + (shift?.data[channel] ?? 0);
  });
};
