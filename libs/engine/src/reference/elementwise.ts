import type { BinaryOp, UnaryOp } from '#graph';
import type { Kernel } from './kernel.js';
import { broadcastIndex, forEachCoordinate } from './tensor64.js';

export function unary(compute: (x: number) => number): Kernel<UnaryOp> {
  return (_, [x], output) => {
    for (const [index, value] of x!.data.entries()) output.data[index] = compute(value);
  };
}

export function binary(
  compute: (a: number, b: number) => number,
): Kernel<BinaryOp | 'reluGradient' | 'relu6Gradient'> {
  return (_, [a, b], output) => {
    forEachCoordinate(output.shape, (coordinate, flat) => {
      const left = a!.data[broadcastIndex(a!.shape, coordinate)]!;
      const right = b!.data[broadcastIndex(b!.shape, coordinate)]!;
      output.data[flat] = compute(left, right);
    });
  };
}
