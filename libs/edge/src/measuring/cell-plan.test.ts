import { planOrder, referenceCell } from './cell-plan.js';

const points = [{ name: 'fast' }, { name: 'slow' }];
const cells = ['slow', 'fast'].flatMap((operatingPoint, p) =>
  [0, 0.2, 0.4, 0.6, 0.8].map((ratio, r) => ({ index: p * 5 + r, operatingPoint, ratio })),
);

describe('the order of cells', () => {
  it('goes by operating point, with the ratios interleaved', () => {
    const order = planOrder(points, cells, []);
    expect(order.slice(0, 5).map((cell) => cell.ratio)).toEqual([0, 0.4, 0.8, 0.2, 0.6]);
    expect(order.map((cell) => cell.operatingPoint)).toEqual([
      ...Array(5).fill('fast'),
      ...Array(5).fill('slow'),
    ]);
  });

  it('leaves out what is done', () => {
    const order = planOrder(points, cells, [0, 1, 2, 3, 4, 7]);
    expect(order.map((cell) => cell.index)).toEqual([5, 8, 6, 9]);
  });

  it('refuses a cell of an unknown point', () => {
    const stray = { index: 9, operatingPoint: 'warp', ratio: 0 };
    expect(() => planOrder(points, [stray], [])).toThrow('cell 9: there is no operating point "warp"');
  });
});

it('the reference cell is the least pruned one of the first point, done or not', () => {
  const plan = { operatingPoints: points, cells, doneCells: [5], fileOf: () => '', protocol: {} as never };
  expect(referenceCell(plan).index).toBe(5);
});
