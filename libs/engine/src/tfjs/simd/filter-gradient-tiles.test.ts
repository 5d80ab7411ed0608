import fc from 'fast-check';
import { WORDS_OF_TILE } from './filter-gradient-code.js';
import { filterGradientTiles } from './filter-gradient-tiles.js';

const sides = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  height: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 9 }),
  side: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.integer({ min: 0, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  // So many channels that a tile takes a few rows alone.
  channels: fc.constantFrom(1, 400),
});

const range = (count: number): number[] => [...Array(count).keys()];

test('tiles meet every pixel of an image with every tap once, and none of the padding', () => {
  fc.assert(
    fc.property(sides, ({ batch, height, width, side, stride, padding, dilation, channels }) => {
      const count = (size: number) =>
        Math.floor((size + 2 * padding - dilation * (side - 1) - 1) / stride) + 1;
      const [rows, columns] = [count(height), count(width)];
      fc.pre(rows > 0 && columns > 0);
      const shape = {
        images: [batch, height, width, channels] as const,
        gradient: [batch, rows, columns, 1] as const,
        side,
      };
      const words = filterGradientTiles(shape, { stride, padding, dilation, groups: 1 });
      const met: string[] = [];
      for (let at = 0; at < words.length; at += WORDS_OF_TILE) {
        const [x, g, result, down, across] = words.subarray(at, at + WORDS_OF_TILE) as unknown as number[];
        for (let row = 0; row < down!; row++) {
          for (let column = 0; column < across!; column++) {
            const pixel = x! / 4 / channels + (row * width + column) * stride;
            met.push([result! / 4 / channels, pixel, g! / 4 + row * columns + column].join());
          }
        }
      }
      expect(met.toSorted()).toEqual(expected().toSorted());

      function expected(): string[] {
        const all: string[] = [];
        for (const image of range(batch))
          for (const tap of range(side * side))
            for (const row of range(rows))
              for (const column of range(columns)) {
                const y = row * stride + Math.floor(tap / side) * dilation - padding;
                const x = column * stride + (tap % side) * dilation - padding;
                if (y < 0 || y >= height || x < 0 || x >= width) continue;
                const pixel = (image * height + y) * width + x;
                all.push([tap, pixel, (image * rows + row) * columns + column].join());
              }
        return all;
      }
    }),
    { numRuns: 60 },
  );
});
