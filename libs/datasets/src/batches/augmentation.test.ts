import { drawPlacement } from './augmentation.js';
import { imageWriter } from './write-image.js';

const where = { seed: 1, epoch: 2, image: 3 };
const many = Array.from({ length: 20_000 }, (_, image) => image);

describe('the placement of an image', () => {
  it('follows from seed, epoch and image, and from each of them', () => {
    const options = { crop: 30, flip: true };
    const first = drawPlacement(options, where);
    expect(drawPlacement(options, where)).toEqual(first);
    for (const change of [{ seed: 2 }, { epoch: 3 }, { image: 4 }]) {
      expect(drawPlacement(options, { ...where, ...change })).not.toEqual(first);
    }
  });

  it('is none unless something is asked for', () => {
    expect(many.map((image) => drawPlacement({}, { ...where, image }))).toEqual(
      many.map(() => ({ row: 0, column: 0, mirrored: false })),
    );
  });

  it('is each of the places within the padding as often as the others, and mirrored half of the time', () => {
    const drawn = many.map((image) => drawPlacement({ crop: 4, flip: true }, { ...where, image }));
    const counts = new Map<string, number>();
    for (const { row, column } of drawn) {
      const place = `${row},${column}`;
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    expect(counts.size).toBe(81);
    // Chi-square of 80 degrees of freedom: 99.99 % of fair draws stay below 135.
    const expected = many.length / 81;
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(135);
    const mirrored = drawn.filter((placement) => placement.mirrored).length / many.length;
    expect(Math.abs(mirrored - 0.5)).toBeLessThan(0.015);
  });

  it('of an image tells nothing of the next epoch', () => {
    const same = many.filter((image) => {
      const draw = (epoch: number) => drawPlacement({ flip: true }, { ...where, image, epoch }).mirrored;
      return draw(0) === draw(1);
    });
    expect(Math.abs(same.length / many.length - 0.5)).toBeLessThan(0.015);
  });
});

describe('a moved image', () => {
  const write = imageWriter({ channels: 1, height: 3, width: 3 }, { mean: [0], std: [1 / 255] });
  const source = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const moved = (row: number, column: number, mirrored = false) => {
    const target = new Float32Array(11).fill(-1);
    write(source, target, 1, { row, column, mirrored });
    expect([target[0], target[10]]).toEqual([-1, -1]);
    return [...target.subarray(1, 10)].map(Math.round);
  };

  it.each([
    ['not at all', moved(0, 0), [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['mirrored', moved(0, 0, true), [3, 2, 1, 6, 5, 4, 9, 8, 7]],
    ['up and left', moved(1, 1), [5, 6, 0, 8, 9, 0, 0, 0, 0]],
    ['down and right', moved(-1, -2), [0, 0, 0, 0, 0, 1, 0, 0, 4]],
    ['right, and then mirrored', moved(0, -1, true), [2, 1, 0, 5, 4, 0, 8, 7, 0]],
  ])('%s', (_how, found, expected) => {
    expect(found).toEqual(expected);
  });

  it('has black, normalised, where there was nothing', () => {
    const target = new Float32Array(9);
    imageWriter({ channels: 1, height: 3, width: 3 }, { mean: [0.5], std: [0.25] })(source, target, 0, {
      row: 3,
      column: 0,
      mirrored: false,
    });
    expect([...target]).toEqual(Array(9).fill(-2));
  });
});
