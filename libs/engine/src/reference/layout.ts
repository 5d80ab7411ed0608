import type { Kernel } from './kernel.js';
import { broadcastIndex, flatIndex, forEachCoordinate } from './tensor64.js';

export const reshape: Kernel<'reshape'> = (_, [x], output) => {
  output.data.set(x!.data);
};

export const broadcastTo: Kernel<'broadcastTo'> = (_, [x], output) => {
  forEachCoordinate(output.shape, (coordinate, flat) => {
    output.data[flat] = x!.data[broadcastIndex(x!.shape, coordinate)]!;
  });
};

export const transpose: Kernel<'transpose'> = ({ attributes: { perm } }, [x], output) => {
  forEachCoordinate(x!.shape, (coordinate, flat) => {
    const target = perm.map((axis) => coordinate[axis]!);
    output.data[flatIndex(output.shape, target)] = x!.data[flat]!;
  });
};

export const slice: Kernel<'slice'> = ({ attributes: { starts } }, [x], output) => {
  forEachCoordinate(output.shape, (coordinate, flat) => {
    const source = coordinate.map((position, axis) => position + starts[axis]!);
    output.data[flat] = x!.data[flatIndex(x!.shape, source)]!;
  });
};

export const pad: Kernel<'pad'> = ({ attributes: { before } }, [x], output) => {
  forEachCoordinate(x!.shape, (coordinate, flat) => {
    const target = coordinate.map((position, axis) => position + before[axis]!);
    output.data[flatIndex(output.shape, target)] = x!.data[flat]!;
  });
};

export const concat: Kernel<'concat'> = ({ attributes: { axis } }, inputs, output) => {
  let start = 0;
  for (const { shape, data } of inputs) {
    forEachCoordinate(shape, (coordinate, flat) => {
      const target = coordinate.with(axis, coordinate[axis]! + start);
      output.data[flatIndex(output.shape, target)] = data[flat]!;
    });
    start += shape[axis]!;
  }
};
