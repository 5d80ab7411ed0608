import { sizeOf, type Shape } from '#graph';

/** Dense row-major float64 values: what the reference computes with. */
export interface Tensor64 {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export function zeros(shape: Shape): Tensor64 {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

/** Calls `visit` with every coordinate of a shape in row-major order and its flat index. */
export function forEachCoordinate(
  shape: Shape,
  visit: (coordinate: readonly number[], flat: number) => void,
): void {
  const coordinate = shape.map(() => 0);
  const size = sizeOf(shape);
  for (let flat = 0; flat < size; flat++) {
    visit(coordinate, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      coordinate[axis]!++;
      if (coordinate[axis]! < shape[axis]!) break;
      coordinate[axis] = 0;
    }
  }
}

/** Flat index of a coordinate. */
export function flatIndex(shape: Shape, coordinate: readonly number[]): number {
  return shape.reduce((flat, side, axis) => flat * side + coordinate[axis]!, 0);
}

/** Flat index in a tensor that was broadcast: axes of size 1 and missing leading axes stay at 0. */
export function broadcastIndex(shape: Shape, coordinate: readonly number[]): number {
  const missing = coordinate.length - shape.length;
  return shape.reduce((flat, side, axis) => flat * side + (side === 1 ? 0 : coordinate[axis + missing]!), 0);
}
