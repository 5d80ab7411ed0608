import type { Kernel } from './kernel.js';
import { flatIndex, forEachCoordinate, type Tensor64 } from './tensor64.js';

export const reduceSum: Kernel<'reduceSum'> = ({ attributes }, [x], output) => {
  sumOver(attributes.axes, x!, output);
};

export const reduceMean: Kernel<'reduceMean'> = ({ attributes }, [x], output) => {
  sumOver(attributes.axes, x!, output);
  const count = x!.data.length / output.data.length;
  for (const [index, sum] of output.data.entries()) output.data[index] = sum / count;
};

export const logSoftmax: Kernel<'logSoftmax'> = (_, [x], output) => {
  const classes = x!.shape.at(-1)!;
  for (let start = 0; start < x!.data.length; start += classes) {
    const row = x!.data.subarray(start, start + classes);
    const largest = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
    for (const [index, value] of row.entries()) output.data[start + index] = value - largest - Math.log(sum);
  }
};

function sumOver(axes: readonly number[], x: Tensor64, output: Tensor64): void {
  const kept = x.shape.map((side, axis) => (axes.includes(axis) ? 1 : side));
  forEachCoordinate(x.shape, (coordinate, flat) => {
    const target = coordinate.map((position, axis) => (axes.includes(axis) ? 0 : position));
    output.data[flatIndex(kept, target)]! += x.data[flat]!;
  });
}
