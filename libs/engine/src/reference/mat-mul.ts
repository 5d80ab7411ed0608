import type { Kernel } from './kernel.js';

export const matMul: Kernel<'matMul'> = ({ attributes: { transposeA, transposeB } }, [a, b], output) => {
  const [rows, columns] = output.shape as [number, number];
  const [aRows, aColumns] = a!.shape as [number, number];
  const bColumns = b!.shape[1]!;
  const inner = transposeA ? aRows : aColumns;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let i = 0; i < inner; i++) {
        const left = a!.data[transposeA ? i * aColumns + row : row * aColumns + i]!;
        const right = b!.data[transposeB ? column * bColumns + i : i * bColumns + column]!;
        sum += left * right;
      }
      output.data[row * columns + column] = sum;
    }
  }
};
